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

bool before_norm(const std::string& what) {
  return !what.starts_with("generator/conv2d_3/") && !what.starts_with("discriminator/dense/");
}

}  // namespace

TEST_CASE("ten DCGAN iterations equal PyTorch's in double") {
  Gan gan(small_paper_gan(), 7, "golden");
  const auto rows = golden_rows("dcgan_steps.csv");
  CHECK(rows.size() > 150);
  check_golden(rows, ten_steps(gan, {4, 16, 16, 1}), dcgan_bounds(before_norm));
}
