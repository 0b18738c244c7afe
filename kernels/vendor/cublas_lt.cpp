#include <ganymede/kernels/vendor/cublas_lt.h>

#include <map>
#include <mutex>

#include <ganymede/kernels/error.h>

namespace ganymede::kernels::vendor {

const CublasLt& cublas_lt() {
  static const CublasLt only;
  return only;
}

void check(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw DeviceError(std::string(what) + ": cuBLAS: " + cublas_lt().cublasLtGetStatusString(status));
}

// Never destroyed: the device may be gone before any static is.
cublasLtHandle_t cublas_handle(int device) {
  static std::mutex mutex;
  static auto& handles = *new std::map<int, cublasLtHandle_t>;
  const std::scoped_lock lock(mutex);
  cublasLtHandle_t& handle = handles[device];
  if (!handle) check(cublas_lt().cublasLtCreate(&handle), "cublasLtCreate");
  return handle;
}

}  // namespace ganymede::kernels::vendor
