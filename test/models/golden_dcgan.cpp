// Ten iterations of paper 000's DCGAN against PyTorch in double (test/golden/dcgan_steps.py).

#include <catch2/catch.hpp>

#include "golden.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

GanOptions small_paper_gan() {
  GanOptions options;
  options.network.size = 16;
  options.network.width = 4;
  options.network.latent = 10;
  options.batch = 4;
  return options;
}

/// A bias before a batch norm has no gradient but rounding, which Adam blows up to steps of its own
/// size; it changes nothing else than the moving mean that takes it up.
bool is_rounding(const std::string& what) {
  const bool last =
      what.starts_with("generator/conv2d_3/") || what.starts_with("discriminator/dense/");
  return !last &&
         (what.find("/bias") != std::string::npos || what.find("moving_mean") != std::string::npos);
}

GoldenBound bound_of(const std::string& what) {
  if (what.starts_with("loss_")) return {.margin = 0, .relative = 2e-4};
  // Ten Adam steps of 2e-4: what is rounding may differ by as much as the steps themselves.
  return {.margin = is_rounding(what) ? 4e-3 : 2e-5, .relative = 1e-5};
}

}  // namespace

TEST_CASE("ten DCGAN iterations equal PyTorch's in double") {
  Gan gan(small_paper_gan(), 7, "golden");
  const auto rows = golden_rows("dcgan_steps.csv");
  CHECK(rows.size() > 150);
  check_golden(rows, ten_steps(gan, {4, 16, 16, 1}), bound_of);
}
