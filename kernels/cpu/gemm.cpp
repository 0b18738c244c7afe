#include <ganymede/kernels/cpu/gemm_tiled.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/statistics.h>
#include <ganymede/kernels/gemm.h>

#include <algorithm>

namespace ganymede::kernels::cpu {

void gemm(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
          const Epilogue& epilogue) {
  if (s.m == 0 || s.n == 0) return;
  if (s.k == 0) {
    std::fill_n(c, s.m * s.n, 0.0f);
  } else {
    const Operand left = prepare(stream, s.m, s.k, s.k, a);
    const Operand right = prepare(stream, s.k, s.n, s.n, b);
    product(stream, s, left.data, right.data, c);
  }
  finish(stream, s.m, s.n, c, epilogue);
}

void linear_weight_grad(Stream& stream, const LinearShape& s, const float* x, const float* gy,
                        float* gw, float* gbias) {
  gemm(stream, {s.in, s.units, s.rows, true, false}, x, gy, gw, {});
  if (gbias) column_sums(stream, s.rows, s.units, s.units, gy, gbias);
}

}  // namespace ganymede::kernels::cpu
