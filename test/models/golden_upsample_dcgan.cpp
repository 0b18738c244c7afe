// Ten iterations of paper 003's DCGAN against PyTorch in double
// (test/golden/upsample_dcgan_steps.py), on images that are not square.

#include <catch2/catch.hpp>

#include <ganymede/models/settings.h>

#include "golden.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

GanOptions small_paper_gan() {
  GanOptions options = gan_options(Recipe::shipped("cxr-dcgan128"), 1);
  options.network.size = 32;
  options.network.columns = 48;
  options.network.width = 2;
  options.network.latent = 6;
  options.batch = 4;
  return options;
}

bool before_norm(const std::string& what) {
  if (what.starts_with("generator/conv2d_3/")) return false;
  return what.starts_with("generator/conv2d") || what.starts_with("generator/batch");
}

}  // namespace

TEST_CASE("ten iterations of paper 003's DCGAN equal PyTorch's in double") {
  Gan gan(small_paper_gan(), 7, "golden");
  const auto rows = golden_rows("upsample_dcgan_steps.csv");
  CHECK(rows.size() > 150);
  check_golden(rows, ten_steps(gan, {4, 32, 48, 1}), dcgan_bounds(before_norm));
}
