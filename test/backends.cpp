#include "test/backends.h"

#include <catch2/catch.hpp>

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

void on_each_cuda_backend(const std::function<void(const std::string&)>& body) {
  if (cuda_device_count() == 0) return;
#if defined(GANYMEDE_EMULATED)
  using simt::LaneOrder;
  const struct {
    LaneOrder order;
    const char* name;
  } runs[] = {{LaneOrder::forward, "emulated, forward lanes"},
              {LaneOrder::reverse, "emulated, reverse lanes"},
              {LaneOrder::shuffled, "emulated, shuffled lanes"}};
  for (const auto& run : runs) {
    simt::set_lane_order(run.order);
    on_device(cuda_device(), [&] { body(run.name); });
  }
  simt::set_lane_order(LaneOrder::forward);
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
  std::string missing = why_no_vendor_kernels(DeviceKind::cuda);
  if (missing.empty()) missing = why_no_cuda_device();
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
