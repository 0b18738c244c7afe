#include "test/backends.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#if defined(GANYMEDE_EMULATED)
#include <ganymede/kernels/simt/control.h>
#endif

namespace ganymede::test {
namespace {

void on_device(Device device, const std::function<void()>& body) {
  Stream stream(device);
  stream.set_math_mode(MathMode::fp32);
  const StreamScope scope(stream);
  body();
  stream.synchronize();
}

}  // namespace

bool has_cuda_device() {
  if (cuda_device_count() > 0) return true;
  const char* wanted = std::getenv("GANYMEDE_WANT_CUDA");
  if (wanted != nullptr && std::string(wanted) == "1")
    FAIL("GANYMEDE_WANT_CUDA=1, and there is no device: " << why_no_cuda_device());
  return false;
}

void on_each_cuda_backend(const std::function<void(const std::string&)>& body) {
  if (!has_cuda_device()) return;
#if defined(GANYMEDE_EMULATED)
  using simt::LaneOrder;
  // Grids and splits follow the number of multiprocessors: once as on an H200.
  const struct {
    LaneOrder order;
    int multiprocessors;
    const char* name;
  } runs[] = {{LaneOrder::forward, 1, "emulated, forward lanes"},
              {LaneOrder::reverse, 1, "emulated, reverse lanes"},
              {LaneOrder::shuffled, 132, "emulated, shuffled lanes, 132 multiprocessors"}};
  for (const auto& run : runs) {
    simt::set_lane_order(run.order);
    simt::set_multiprocessors(run.multiprocessors);
    on_device(cuda_device(), [&] { body(run.name); });
  }
  simt::set_lane_order(LaneOrder::forward);
  simt::set_multiprocessors(1);
#else
  on_device(cuda_device(), [&] { body("cuda"); });
#endif
}

void on_each_vendor_backend(const std::function<void(const std::string&)>& body) {
  if (why_no_vendor_kernels(DeviceKind::cpu).empty())
    on_device(cpu_device, [&] {
      current_stream().set_kernels(KernelSource::vendor);
      body("cpu, vendor");
    });
  on_each_cuda_vendor_backend(body);
}

void on_each_cuda_vendor_backend(const std::function<void(const std::string&)>& body) {
  const bool device = has_cuda_device();
  std::string missing = why_no_vendor_kernels(DeviceKind::cuda);
  if (missing.empty() && !device) missing = why_no_cuda_device();
  if (!missing.empty()) {
    WARN("left out: " << missing);
    return;
  }
  on_each_cuda_backend([&](const std::string& backend) {
    current_stream().set_kernels(KernelSource::vendor);
    body(backend + ", vendor");
  });
}

void on_each_backend(const std::function<void(const std::string&)>& body) {
  on_device(cpu_device, [&] { body("cpu"); });
  on_each_cuda_backend(body);
}

}  // namespace ganymede::test
