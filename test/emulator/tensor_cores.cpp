// Which kernels a math mode leads to.
#include <catch2/catch.hpp>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/stream.h>

#include <test/conv_setup.h>
#include <test/emulator/device_array.h>
#include <test/emulator/launches_of.h>

using namespace ganymede;
using namespace ganymede::test;

TEST_CASE("TF32 and bf16 products are the tensor cores', fp32 ones are not") {
  if (!sanitized) return;  // names are known there
  Stream stream(cuda_device());
  const DeviceArray memory(stream, 1 << 14);
  const auto s = conv_shape(1, 6, 6, 16, 8, 3, 3, 1, 1);
  float* p = memory.data();
  simt::set_dry_run(true);
  for (const auto& [mode, wanted] :
       {std::pair{MathMode::fp32, 0}, {MathMode::tf32, 5}, {MathMode::bf16, 5}}) {
    stream.set_math_mode(mode);
    simt::reset_launch_counts();
    kernels::conv2d(stream, s, p, p + 1024, p + 4096, {}, {});
    kernels::conv2d_input_grad(stream, s, p, p + 1024, p + 4096, {});
    kernels::conv_transpose2d(stream, s, p, p + 1024, p + 4096, {});
    kernels::conv2d_weight_grad(stream, s, p, p + 1024, p + 4096, nullptr);
    kernels::gemm(stream, {16, 16, 16}, p, p + 1024, p + 4096, {});
    CHECK(launches_of("multiply_on_tensor_cores<") == std::uint64_t(wanted));
    CHECK(launches_of("multiply<") == std::uint64_t(5 - wanted));
  }
  simt::set_dry_run(false);
}
