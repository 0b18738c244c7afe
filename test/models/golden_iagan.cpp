// Steps of paper 002's GAN against PyTorch in double (test/golden/iagan_steps.py).

#include <catch2/catch.hpp>

#include "golden.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

GanOptions small_iagan() {
  GanOptions o;
  o.network = {.model = GanModel::iagan64, .size = 32, .latent = 3, .width = 8, .slope = 0.2f};
  o.batch = 6;
  o.loss = GanLoss::least_squares;
  o.ssim = SsimTerm::sample_weight;
  o.learning_rate = 4e-5f;
  o.generator_rate = 1e-5f;
  o.adam.epsilon = 1e-3f;  // a gradient that is zero but for rounding (key bias) moves nothing
  return o;
}

/// Gammas begin at 0, where queries, keys and values get no gradient.
void wake_attention(Sequential& generator) {
  for (NamedState& s : state_of(generator))
    if (s.layer.find("/attention") != std::string::npos && s.name == "gamma")
      s.tensor.assign(std::vector<float>{0.5f});
}

NamedValues trained() {
  Gan gan(small_iagan(), 7, "golden");
  wake_attention(gan.generator());
  return ten_steps(gan, {6, 32, 32, 1});
}

/// A step moves a parameter by up to its rate, 1e-5 or 4e-5. At ten times these rates batch norm
/// over few samples amplifies float's rounding fourfold a step.
GoldenBound bounds(const std::string& what) {
  if (what.starts_with("loss_")) return {.margin = 5e-5, .relative = 1e-5};
  return {.margin = what.find("/moving_") != std::string::npos ? 2e-5 : 2e-6, .relative = 1e-5};
}

}  // namespace

TEST_CASE("ten IAGAN steps equal PyTorch's in double") {
  const auto rows = golden_rows("iagan_steps.csv");
  CHECK(rows.size() > 900);
  check_golden(rows, trained(), bounds);
}
