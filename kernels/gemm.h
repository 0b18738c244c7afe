#pragma once

#include <cstdint>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/epilogue.h>

namespace ganymede::kernels {

/// c (m x n) = op(a) (m x k) op(b) (k x n), row-major and dense. With `transpose_a` memory holds a
/// as k x m; with `transpose_b` b as n x k.
struct GemmShape {
  std::int64_t m, n, k;
  bool transpose_a = false, transpose_b = false;
};
using Gemm = void(Stream&, const GemmShape&, const float* a, const float* b, float* c,
                  const Epilogue&);

/// Gradients of y (rows x units) = x (rows x in) w + bias: gw (in x units) = x^T gy and, where not
/// null, gbias [units] = sum over rows of gy.
struct LinearShape {
  std::int64_t rows, in, units;
};
using LinearWeightGrad = void(Stream&, const LinearShape&, const float* x, const float* gy,
                              float* gw, float* gbias);

namespace cpu {
Gemm gemm;
LinearWeightGrad linear_weight_grad;
}  // namespace cpu
namespace cuda {
Gemm gemm;
LinearWeightGrad linear_weight_grad;
}  // namespace cuda
namespace vendor {
Gemm gemm;
LinearWeightGrad linear_weight_grad;
}  // namespace vendor
inline constexpr Kernel<Gemm, cpu::gemm, cuda::gemm, vendor::gemm> gemm;
inline constexpr Kernel<LinearWeightGrad, cpu::linear_weight_grad, cuda::linear_weight_grad,
                        vendor::linear_weight_grad>
    linear_weight_grad;

}  // namespace ganymede::kernels
