#pragma once
// Errors of the CUDA runtime as exceptions.

#include <cuda_runtime.h>

namespace ganymede::kernels::cuda {

/// Throws DeviceError "WHAT: reason (code)" unless the call succeeded.
void check(cudaError_t error, const char* what);

/// Makes the device current for the scope's life.
class DeviceScope {
 public:
  explicit DeviceScope(int device);
  ~DeviceScope();
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int before_ = 0, device_ = 0;
};

}  // namespace ganymede::kernels::cuda
