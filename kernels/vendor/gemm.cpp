// The product of gemm.h by cuBLAS; the epilogue is a pass of our own.

#include <ganymede/kernels/gemm.h>

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/vendor/passes.h>
#include <ganymede/kernels/vendor/products.h>

namespace ganymede::kernels::vendor {

void gemm(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
          const Epilogue& epilogue) {
  if (s.m > 0 && s.n > 0) {
    if (s.k > 0)
      multiply(stream, column_major(s), {b, a, c});
    else
      fill_zero(stream, c, sizeof(float) * static_cast<std::size_t>(s.m * s.n));
  }
  apply_epilogue(stream, {s.m, s.n, s.n, s.n}, epilogue, c, c);
}

void linear_weight_grad(Stream& stream, const LinearShape& s, const float* x, const float* gy,
                        float* gw, float* gbias) {
  gemm(stream, {s.in, s.units, s.rows, true, false}, x, gy, gw, {});
  if (gbias) bias_grad(stream, s.rows, s.units, gy, gbias);
}

}  // namespace ganymede::kernels::vendor
