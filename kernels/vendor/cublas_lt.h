#pragma once
// For .cpp files only: the functions of cuBLAS (its matrix product with a choice of algorithms,
// cublasLt) that gemm needs, found at first use.

#include <cublasLt.h>

#include <string>

#include <ganymede/kernels/vendor/shared_library.h>

namespace ganymede::kernels::vendor {

struct CublasLt {
  SharedLibrary library{"libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR)};

#define GANYMEDE_CUBLAS(name) decltype(&::name) name = library.function<decltype(&::name)>(#name)
  GANYMEDE_CUBLAS(cublasLtGetStatusString);
  GANYMEDE_CUBLAS(cublasLtCreate);
  GANYMEDE_CUBLAS(cublasLtMatmulDescCreate);
  GANYMEDE_CUBLAS(cublasLtMatmulDescDestroy);
  GANYMEDE_CUBLAS(cublasLtMatmulDescSetAttribute);
  GANYMEDE_CUBLAS(cublasLtMatrixLayoutCreate);
  GANYMEDE_CUBLAS(cublasLtMatrixLayoutDestroy);
  GANYMEDE_CUBLAS(cublasLtMatmulPreferenceCreate);
  GANYMEDE_CUBLAS(cublasLtMatmulPreferenceDestroy);
  GANYMEDE_CUBLAS(cublasLtMatmulPreferenceSetAttribute);
  GANYMEDE_CUBLAS(cublasLtMatmulAlgoGetHeuristic);
  GANYMEDE_CUBLAS(cublasLtMatmul);
#undef GANYMEDE_CUBLAS
};

/// Throws DeviceError where this machine has none.
const CublasLt& cublas_lt();

/// Throws DeviceError "WHAT: cuBLAS: reason" unless the call succeeded.
void check(cublasStatus_t status, const char* what);

/// The device's handle, which any thread may use; the device must be the current one.
cublasLtHandle_t cublas_handle(int device);

}  // namespace ganymede::kernels::vendor
