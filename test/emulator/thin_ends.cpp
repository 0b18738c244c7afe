// Which kernels the image ends of networks take.
#include <catch2/catch.hpp>

#include <ganymede/engine/ops.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>

#include <test/emulator/launches_of.h>

using namespace ganymede;
using namespace ganymede::test;

namespace {

/// Forward and both gradients of a 3x3 convolution from `channels` to `filters`.
void run_conv(std::int64_t channels, std::int64_t filters) {
  Stream stream(cuda_device());
  const StreamScope scope(stream);
  const Var x = Var::leaf(Rng(1, "x").normal({2, 6, 7, channels}));
  const Var w = Var::leaf(Rng(1, "w").normal({filters, 3, 3, channels}));
  simt::reset_launch_counts();
  grad(sum(conv2d(x, w, conv_geometry(1, 1))), {x, w});
  stream.synchronize();
}

void check_launches(std::uint64_t spread, std::uint64_t gather, std::uint64_t gradient) {
  if (!sanitized) return;  // names are known there
  CHECK(launches_of("thin_spread_kernel<") == spread);
  CHECK(launches_of("thin_gather_kernel<") == gather);
  CHECK(launches_of("thin_gradient_kernel<") == gradient);
}

}  // namespace

TEST_CASE("thin ends: from one and three channels, and to them") {
  for (const int thin : {1, 3}) {
    run_conv(thin, 8);
    check_launches(1, 1, 1);
    run_conv(8, thin);
    check_launches(1, 1, 1);
  }
}

TEST_CASE("thin ends: channels not in fours take the kernels for any shape") {
  run_conv(1, 7);
  check_launches(0, 0, 0);
  CHECK((!sanitized || launches_of("few_channels") == 2));
}
