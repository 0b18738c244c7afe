// A classifier's step is recorded too: replayed it gives what running it one by one gives.
#include <catch2/catch.hpp>

#include <ganymede/models/classifier_steps.h>
#include <ganymede/models/resnet.h>

#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int side = 8;

/// Its input is scaled as ImageNet's weights want it, with constants that no upload brings.
std::unique_ptr<Classifier> tiny_network() {
  return make_resnet(
      18,
      {.channels = 3,
       .classes = 2,
       .width = 0.03125f,
       .bn_momentum = 0.9f,
       .scaling =
           InputScaling{.bgr = true, .scale = {2.0f, 1.0f, 0.5f}, .shift = {0.1f, -0.1f, 0.0f}}},
      Rng(1, "tiny"));
}

ResidentSet stripes() {
  const std::vector<std::int32_t> labels{0, 1, 0, 1, 1};
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (int at = 0; at < side * side * 3; ++at)
      pixels.push_back(
          std::uint8_t((at / 3 % side % 2 == labels[i] ? 180 : 40) + 5 * at % 37 + int(i)));
  return {Tensor::from(pixels, {std::int64_t(labels.size()), side, side, 3}), labels};
}

/// Plain descent keeps nothing between steps, so that any step can be the first.
ClassifierOptions options() {
  ClassifierOptions o{.input = side, .batch = 3, .optimizer = "sgd", .learning_rate = 0.05f};
  o.momentum = 0.0f;
  o.balanced_weights = true;
  return o;
}

void copy_state(Classifier& from, Classifier& to) {
  const auto source = state_of(from);
  auto target = state_of(to);
  for (std::size_t i = 0; i < source.size(); ++i) target[i].tensor.copy_from(source[i].tensor);
}

/// Weights and moving statistics; the head's dropout, which is none, has a position besides.
std::vector<std::vector<float>> weights_of(Classifier& network) {
  std::vector<std::vector<float>> all;
  for (const NamedState& s : state_of(network))
    if (s.tensor.dtype() == DType::f32) all.push_back(s.tensor.host());
  return all;
}

}  // namespace

TEST_CASE("capture: a classifier's steps equal eager ones", "[capture]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const ResidentSet set = stripes();
    const ClassifierOptions o = options();
    const auto recorded = tiny_network(), eager = tiny_network();
    ClassifierSteps steps(*recorded, set, o, 2, "c");
    float before = 0;
    for (int step = 1; step <= 4; ++step) {
      INFO("step " << step);
      copy_state(*recorded, *eager);
      const ClassifierStep expected = ClassifierSteps(*eager, set, o, 2, "c").take(step);
      const ClassifierStep got = steps.take(step);
      CHECK(got.loss.item() == expected.loss.item());
      CHECK(got.logits.host() == expected.logits.host());
      CHECK(got.loss.item() != before);
      before = got.loss.item();
      CHECK(weights_of(*recorded) == weights_of(*eager));
    }
  });
}
