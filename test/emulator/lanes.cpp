// Faults inside one kernel: barriers, warp operations, bounds, unwritten memory, limits.

#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>

#include <test/emulator/child.h>
#include <test/emulator/device_array.h>
#include <test/emulator/kernels.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;
using simt::LaneOrder;
using simt::OrderScope;

namespace {

std::vector<float> counting(int n) {
  std::vector<float> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

float total_of_64(LaneOrder order, bool with_barrier) {
  Stream stream(cuda_device());
  const DeviceArray x(stream, std::vector<float>(64, 1.0f)), y(stream, 1);
  const OrderScope scope(order);
  block_total(stream, x.data(), y.data(), 64, with_barrier);
  return y.host()[0];
}

// Names of kernels with internal linkage are known to the sanitizers' symbolizer only.
std::string named(const char* kernel) { return sanitized ? kernel : ""; }

const auto all_orders = {LaneOrder::forward, LaneOrder::reverse, LaneOrder::shuffled};

}  // namespace

TEST_CASE("a missing barrier gives a wrong result in some lane order") {
  CHECK_FALSE(total_of_64(LaneOrder::reverse, false) == 64.0f);
  CHECK_FALSE(total_of_64(LaneOrder::shuffled, false) == 64.0f);
  for (const LaneOrder order : all_orders) CHECK(total_of_64(order, true) == 64.0f);
}

TEST_CASE("block sums do not depend on the lane order") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, counting(5 * 777)), y(stream, 5);
  std::vector<float> first;
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    row_sums(stream, x.data(), y.data(), 5, 777);
    const auto sums = y.host();
    if (first.empty()) first = sums;
    CHECK(sums == first);
    CHECK(sums[0] == 777 * 778 / 2);
  }
}

TEST_CASE("the last block to arrive sees what the others have left") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, std::vector<float>(64 * 9, 0.5f)), parts(stream, 9), y(stream, 1);
  const DeviceArray counter(stream, 1);
  fill_zero(stream, counter.data(), sizeof(unsigned));
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    two_stage_sum(stream, x.data(), parts.data(), reinterpret_cast<unsigned*>(counter.data()),
                  y.data(), 9);
    CHECK(y.host()[0] == 288.0f);
  }
}

TEST_CASE("blocks of a cluster read each other's shared memory behind its barrier") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, counting(64 * 16)), y(stream, 16);
  const auto totals = [&](LaneOrder order, unsigned cluster, bool with_barrier) {
    const OrderScope scope(order);
    cluster_totals(stream, x.data(), y.data(), 16, cluster, with_barrier);
    return y.host();
  };
  for (const LaneOrder order : all_orders)
    for (const unsigned cluster : {1u, 2u, 8u}) {
      const std::vector<float> got = totals(order, cluster, true);
      for (unsigned b = 0; b < 16; ++b) {
        const double n = 64.0 * cluster, last = n * (b / cluster + 1);
        CHECK(got[b] == n * last - n * (n - 1) / 2);
      }
    }
  const double right = 64 * 8 * (64 * 8 + 1) / 2;
  CHECK_FALSE(totals(LaneOrder::forward, 8, false)[0] == right);
  CHECK_FALSE(totals(LaneOrder::shuffled, 8, false)[0] == right);
}

TEST_CASE("a block that leaves its cluster while others read its shared memory is reported") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, counting(128)), y(stream, 2);
  const OrderScope scope(LaneOrder::forward);
  cluster_without_last_barrier(stream, x.data(), y.data());
  CHECK_THROWS_WITH(stream.synchronize(), Contains("of its cluster, which has left"));
}

TEST_CASE(
    "shared memory of a block outside the cluster, and clusters that do not fit, are refused") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, std::vector<float>(128, 1.0f));
  cluster_too_far(stream, y.data());
  CHECK_THROWS_WITH(stream.synchronize(), Contains("block 2 of a cluster of 2"));
  CHECK_THROWS_WITH(cluster_totals(stream, y.data(), y.data(), 3, 2, true),
                    Contains("clusters of 2 x 1 x 1 blocks in a grid of 3"));
  CHECK_THROWS_WITH(cluster_totals(stream, y.data(), y.data(), 16, 16, true),
                    Contains("at most 8 blocks"));
}

TEST_CASE("a divergent shuffle is reported") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, 32);
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    neighbour(stream, y.data(), true);
    CHECK_THROWS_WITH(stream.synchronize(), Contains("divergent warp operation") &&
                                                Contains(named("neighbour_kernel")) &&
                                                Contains("block (0, 0, 0)"));
    neighbour(stream, y.data(), false);
    CHECK(y.host()[6] == 7.0f);
    mixed_operations(stream, y.data());
    CHECK_THROWS_WITH(stream.synchronize(), Contains("divergent warp operation"));
    mixed_barriers(stream, y.data());
    CHECK_THROWS_WITH(stream.synchronize(), Contains("16 lanes wait at __syncthreads"));
  }
}

TEST_CASE("votes gather the whole warp") {
  Stream stream(cuda_device());
  const Block y = allocate(stream, 32 * sizeof(std::uint32_t));
  odd_votes(stream, static_cast<std::uint32_t*>(y.data()));
  std::vector<std::uint32_t> votes(32);
  copy_to_host(stream, votes.data(), y.data(), y.bytes());
  stream.synchronize();
  CHECK(votes == std::vector<std::uint32_t>(32, 0xaaaaaaaau));
}

TEST_CASE("threads may leave before a barrier of the others") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, 64);
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    fill(stream, y.data(), 64, 0.0f);
    leave_early(stream, y.data(), 40);
    const auto values = y.host();
    CHECK(std::accumulate(values.begin(), values.end(), 0.0f) == 40.0f);
  }
}

TEST_CASE("shared and fresh device memory hold NaN until they are written") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, 64);
  CHECK(std::isnan(y.host()[63]));
  fill(stream, y.data(), 64, 1.0f);
  block_total(stream, y.data(), y.data(), 64, true);  // leaves ones in the shared memory
  read_unwritten_shared(stream, y.data(), 64);
  CHECK(std::isnan(y.host()[5]));
}

TEST_CASE("an asynchronous copy lands at its wait and not before") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, counting(256)), y(stream, 256);
  for (const LaneOrder order : all_orders) {
    const OrderScope scope(order);
    reverse_async(stream, x.data(), y.data(), true);
    CHECK(y.host()[3] == 253.0f);
    reverse_async(stream, x.data(), y.data(), false);
    const auto values = y.host();
    CHECK(std::isnan(std::accumulate(values.begin(), values.end(), 0.0f)));
  }
}

TEST_CASE("the limits of a launch are checked") {
  Stream stream(cuda_device());
  CHECK_THROWS_WITH(launch_with(stream, 1025, 1, 0),
                    Contains(named("nothing_kernel")) && Contains("1025 x 1 x 1 threads"));
  CHECK_THROWS_WITH(launch_with(stream, 32, 65536, 0), Contains("65535"));
  CHECK_THROWS_WITH(launch_with(stream, 32, 1, 228 * 1024), Contains("shared memory"));
  CHECK_NOTHROW(launch_with(stream, 1024, 65535, 227 * 1024));
  CHECK_NOTHROW(launch_with(stream, 32, 0, 0));
  launch_without_enough_shared(stream);
  CHECK_THROWS_WITH(stream.synchronize(), Contains("1024 bytes, the launch gave 64"));
}

TEST_CASE("launches are counted by name, and a dry run only counts") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, 64);
  simt::reset_launch_counts();
  fill(stream, y.data(), 64, 1.0f);
  simt::set_dry_run(true);
  fill(stream, y.data(), 64, 2.0f);
  block_total(stream, y.data(), y.data(), 64, true);
  simt::set_dry_run(false);
  CHECK(y.host()[0] == 1.0f);
  const auto counts = simt::launch_counts();
  CHECK(counts.kernels == 3);
  if (!sanitized) return;
  CHECK(counts.by_name.at("fill_kernel") == 2);
  CHECK(counts.by_name.at("block_total_kernel<true>") == 1);
}

TEST_CASE("an access out of bounds is an address sanitizer error") {
  if (!sanitized) return;
  const auto ending = in_child([] {
    Stream stream(cuda_device());
    const DeviceArray y(stream, 100);  // its size class has more than 400 bytes
    store_too_far(stream, y.data(), 99);
    stream.synchronize();
    store_too_far(stream, y.data(), 100);
    stream.synchronize();
  });
  CHECK_FALSE(ending.clean);
  CHECK_THAT(ending.output, Contains("AddressSanitizer") && Contains("store_too_far_kernel"));
  const auto shared = in_child([] {
    Stream stream(cuda_device());
    const DeviceArray y(stream, 32);
    shared_too_far(stream, y.data());
    stream.synchronize();
  });
  CHECK_FALSE(shared.clean);
  CHECK_THAT(shared.output, Contains("AddressSanitizer") && Contains("shared_too_far_kernel"));
}
