#include <ganymede/kernels/vendor/libraries.h>

#include <ganymede/kernels/vendor/cublas_lt.h>
#include <ganymede/kernels/vendor/cudnn.h>

namespace ganymede::kernels::vendor {

// cuDNN opens cuBLAS by its name, and finds the one that is open already.
void open_libraries() {
  cublas_lt();
  cudnn();
}

}  // namespace ganymede::kernels::vendor
