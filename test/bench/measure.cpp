// A work timed by two sources of kernels: each sample must be by its own.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include <ganymede/kernels/error.h>

#include <test/backends.h>

#include <bench/measure.h>

using namespace ganymede;
using namespace ganymede::bench;

namespace {

/// Takes two milliseconds by the vendor's kernels and next to nothing by ours.
Work slow_by_vendor(std::vector<KernelSource>& calls) {
  Work work;
  work.op = "conv2d";
  work.bytes = 64;
  work.buffers = {16};
  work.contraction = kernels::ContractionShape{};
  kernels::ConvShape& conv = work.contraction->conv;
  conv.batch = 4, conv.height = conv.width = 16, conv.channels = conv.filters = 64;
  conv.kernel_h = conv.kernel_w = 3;
  work.run = [&calls](Stream& stream, const std::vector<float*>&) {
    calls.push_back(stream.kernels());
    if (stream.kernels() == KernelSource::vendor)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  return work;
}

}  // namespace

TEST_CASE("measure: samples by own and vendor's kernels are told apart") {
  if (!why_no_vendor_kernels(DeviceKind::cpu).empty()) return;
  Stream stream(cpu_device);
  std::vector<KernelSource> calls;
  const Work work = slow_by_vendor(calls);
  const auto both = measure_each(stream, work, 0.02, {KernelSource::own, KernelSource::vendor});
  REQUIRE(both.size() == 2);
  CHECK(both[1].fastest >= 2e-3);
  CHECK(both[0].fastest < 2e-3);
  CHECK(stream.kernels() == KernelSource::own);
  CHECK(calls.back() == KernelSource::vendor);  // in turn to the end
}

TEST_CASE(
    "measure: a GPU is warmed up, and its samples last; the CPU's are as they are asked for") {
  int steps = 0;
  const StepClock clock = [&](int n) {
    steps += n;
    std::this_thread::sleep_for(std::chrono::milliseconds(n));
    return 1e-3;
  };
  Stream cpu(cpu_device);
  CHECK(warmed_up_steps(cpu, 0.01, 4, clock) == 4);
  CHECK(steps == 0);
  if (!test::has_cuda_device()) return;
  Stream cuda(cuda_device());
  CHECK(warmed_up_steps(cuda, 0.02, 4, clock) == 50);
  CHECK(steps >= 4);
  CHECK(warmed_up_steps(cuda, 0.02, 100, clock) == 100);
}

TEST_CASE("measure: what own and vendor's kernels do alike is not compared") {
  std::vector<KernelSource> calls;
  const Stream stream(cpu_device);
  Work work = slow_by_vendor(calls);
  CHECK(has_own_and_vendor(stream, work));
  work.contraction->conv.kernel_h = work.contraction->conv.kernel_w = 1;  // a direct sum
  CHECK_FALSE(has_own_and_vendor(stream, work));
  work.contraction->contraction = kernels::Contraction::product;
  CHECK_FALSE(has_own_and_vendor(stream, work));
  work.contraction.reset();
  CHECK_FALSE(has_own_and_vendor(stream, work));
}
