#include <ganymede/kernels/vendor/cudnn.h>

#include <map>

#include <ganymede/kernels/error.h>

namespace ganymede::kernels::vendor {

// Never destroyed: handles of other threads may outlive any static.
const Cudnn& cudnn() {
  static const Cudnn& only = *new Cudnn;
  return only;
}

void check(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw DeviceError(std::string(what) + ": cuDNN: " + cudnn().cudnnGetErrorString(status));
}

cudnnHandle_t handle_of(Stream& stream) {
  thread_local std::map<int, Owned<cudnnHandle_t, cudnnStatus_t>> handles;
  auto found = handles.find(stream.device().index);
  if (found == handles.end()) {
    cudnnHandle_t made = nullptr;
    check(cudnn().cudnnCreate(&made), "cudnnCreate");
    found = handles.try_emplace(stream.device().index, made, cudnn().cudnnDestroy).first;
  }
  const cudnnHandle_t handle = found->second.get();
  check(cudnn().cudnnSetStream(handle, static_cast<cudaStream_t>(stream.native())),
        "cudnnSetStream");
  return handle;
}

}  // namespace ganymede::kernels::vendor
