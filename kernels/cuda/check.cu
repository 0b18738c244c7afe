#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/cuda/check.cuh>

namespace ganymede::kernels::cuda {

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  const std::string reason = cudaGetErrorString(error);
  cudaGetLastError();  // an error that was reported must not appear again at the next launch
  throw DeviceError(std::string(what) + ": " + reason + " (CUDA error " +
                    std::to_string(static_cast<int>(error)) + ")");
}

DeviceScope::DeviceScope(int device) : device_(device) {
  check(cudaGetDevice(&before_), "current device");
  if (before_ != device_) check(cudaSetDevice(device_), "select device");
}

DeviceScope::~DeviceScope() {
  if (before_ != device_) cudaSetDevice(before_);
}

}  // namespace ganymede::kernels::cuda
