#include <ganymede/kernels/cpu/gemm_tiled.h>

namespace ganymede::kernels::cpu {

void product(Stream& stream, const GemmShape& shape, const float* a, const float* b, float* c) {
  tiled_gemm(stream, shape, a, b, c);
}

}  // namespace ganymede::kernels::cpu
