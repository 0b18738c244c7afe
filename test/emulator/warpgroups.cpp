// The twin of wgmma: its layouts, the faults it must find, and which products lead to it.
#include <catch2/catch.hpp>
#include <random>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>

#include <test/conv_setup.h>
#include <test/emulator/device_array.h>
#include <test/emulator/launches_of.h>
#include <test/emulator/warpgroup_kernel.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;
using kernels::Contraction;
using kernels::ContractionShape;
using kernels::GemmShape;
using kernels::TileKind;
using simt::LaneOrder;
using simt::OrderScope;

namespace {

constexpr int rows = 64, columns = 128, depth = 32;
const auto all_orders = {LaneOrder::forward, LaneOrder::reverse, LaneOrder::shuffled};

/// Small integers, so that any order of summation gives the same bits.
std::vector<float> integers(int n, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& v : values) v = static_cast<float>(static_cast<int>(random() % 31) - 15);
  return values;
}

std::vector<float> plain_product(const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> c(rows * columns, 1.0f);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      for (int k = 0; k < depth; ++k) c[i * columns + j] += a[i * depth + k] * b[j * depth + k];
  return c;
}

struct Product {
  std::vector<float> a = integers(rows * depth, 1), b = integers(columns * depth, 2);
  Stream stream{cuda_device()};

  std::vector<float> run(WarpgroupFault fault) {
    const DeviceArray left(stream, a), right(stream, b), c(stream, rows * columns);
    warpgroup_product(stream, left.data(), right.data(), c.data(), fault);
    stream.synchronize();  // a fault comes out here, before a copy to the host waits for its turn
    return c.host();
  }
};

}  // namespace

TEST_CASE("a warpgroup's product has the documented layouts") {
  Product product;
  const auto want = plain_product(product.a, product.b);
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    CHECK(product.run(WarpgroupFault::none) == want);
  }
}

TEST_CASE("a warpgroup's product drops the low bits of its operands") {
  Product product;
  const auto want = plain_product(product.a, product.b);
  for (float& v : product.a) v *= 1.0f + 0x1p-11f;  // but for powers of two, nearer to the next
  for (float& v : product.b) v *= 1.0f + 0x1p-14f;
  CHECK(product.run(WarpgroupFault::none) == want);
}

TEST_CASE("a warpgroup's product read or overwritten before its wait is wrong") {
  Product product;
  const auto want = plain_product(product.a, product.b);
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    CHECK(product.run(WarpgroupFault::no_wait) == std::vector<float>(rows * columns, 1.0f));
    CHECK(product.run(WarpgroupFault::overwritten) != want);
  }
}

TEST_CASE("faults around a warpgroup's product are reported") {
  Product product;
  const struct {
    WarpgroupFault fault;
    const char* report;
  } faults[] = {{WarpgroupFault::no_proxy_fence, "without async_proxy_fence"},
                {WarpgroupFault::no_register_fence, "without warpgroup_fence"},
                {WarpgroupFault::missing_warp, "96 wait for others of their warpgroup"},
                {WarpgroupFault::other_operand, "divergent warpgroup"},
                {WarpgroupFault::misplaced, "patterns of 1024 bytes"}};
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    for (const auto& f : faults) CHECK_THROWS_WITH(product.run(f.fault), Contains(f.report));
  }
  // In the shuffled order some copies land before the early fence.
  const OrderScope scope(LaneOrder::forward);
  CHECK_THROWS_WITH(product.run(WarpgroupFault::late_copies),
                    Contains("without async_proxy_fence"));
}

TEST_CASE("products go to warpgroups where a table says so and the operands fit") {
  if (!sanitized) return;  // names are known there
  Stream stream(cuda_device());
  const DeviceArray memory(stream, 1 << 15);
  const auto s = conv_shape(1, 6, 6, 16, 8, 3, 3, 1, 1);
  const GemmShape matrix{16, 16, 16, false, true};
  const auto forward = *kernels::product_of({.contraction = Contraction::forward, .conv = s});
  const auto product =
      *kernels::product_of({.contraction = Contraction::product_bt, .gemm = matrix});
  float *p = memory.data(), *scale = p + 8192;
  const auto by_warpgroups = [&] {
    simt::reset_launch_counts();
    kernels::conv2d(stream, s, p, p + 1024, p + 4096, {}, {});
    kernels::gemm(stream, matrix, p, p + 1024, p + 4096, {});
    const std::uint64_t fitting = launches_of("multiply_by_warpgroups<");
    // The same products of operands that they cannot take.
    kernels::conv2d(stream, s, p, p + 1024, p + 4096, {.scale = scale, .shift = scale}, {});
    kernels::conv2d(stream, s, p + 1, p + 1024, p + 4096, {}, {});
    kernels::gemm(stream, matrix, p + 1, p + 1024, p + 4096, {});
    CHECK(launches_of("multiply_by_warpgroups<") == fitting);
    CHECK(launches_of("multiply") == 5);
    return fitting;
  };
  simt::set_dry_run(true);
  CHECK(by_warpgroups() == 0);
  for (const TileKind tile : {TileKind::warpgroup, TileKind::warpgroup_tall}) {
    auto table = std::make_shared<kernels::KernelTable>(kernels::hardware_of(stream));
    table->set(MathMode::tf32, forward, {tile, 1});
    table->set(MathMode::tf32, product, {tile, 1});
    kernels::set_kernel_table(stream, table);
    CHECK(by_warpgroups() == 2);
    for (const MathMode mode : {MathMode::fp32, MathMode::bf16}) {
      stream.set_math_mode(mode);
      CHECK(by_warpgroups() == 0);
      CHECK_THROWS_WITH(table->set(mode, forward, {tile, 1}), Contains("has no tile"));
    }
    stream.set_math_mode(MathMode::tf32);
    CHECK_THROWS_WITH(
        table->set(MathMode::tf32, {Contraction::weight_grad, forward.extents}, {tile, 1}),
        Contains("has no tile"));
  }
  simt::set_dry_run(false);
}
