#pragma once
// Means, covariances and products of feature matrices in double: what distances between sets are
// made of. Features are f32, everything computed from them f64, row-major and dense. Sums have an
// order that depends on the extents and the device alone: same bits every run.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// mean[j] = sum over i of x[i, j] / rows; at least one row.
using ColumnMeans = void(Stream&, std::int64_t rows, std::int64_t columns, const float* x,
                         double* mean);
/// y[i, j] = scale (x[i, j] - mean[j])
using Centred = void(Stream&, std::int64_t rows, std::int64_t columns, double scale, const float* x,
                     const double* mean, double* y);

/// y (columns x columns) = x^T x of x (rows x columns), symmetric to the bit: the covariance of
/// features centred with 1 / sqrt(rows - 1). y may not be x.
using Gram = void(Stream&, std::int64_t rows, std::int64_t columns, const double* x, double* y);

/// c (m x n) = alpha a b^T + beta d with a (m x k) and b (n x k); with `transposed`
/// alpha a^T b + beta d with a (k x m) and b (k x n). c may be none of the others.
struct DoubleProduct {
  std::int64_t m, n, k;
  bool transposed = false;
  double alpha = 1.0, beta = 0.0;
};
/// d may be null, and is not read where beta is 0.
using MultiplyDoubles = void(Stream&, const DoubleProduct&, const double* a, const double* b,
                             const double* d, double* c);

/// y[0] = sum over i of a[i] b[i]: the trace of a product, or a squared norm.
using InnerProduct = void(Stream&, std::int64_t n, const double* a, const double* b, double* y);

namespace cpu {
ColumnMeans column_means;
Centred centred;
Gram gram;
MultiplyDoubles multiply_doubles;
InnerProduct inner_product;
}  // namespace cpu
namespace cuda {
ColumnMeans column_means;
Centred centred;
Gram gram;
MultiplyDoubles multiply_doubles;
InnerProduct inner_product;
}  // namespace cuda

inline constexpr Kernel<ColumnMeans, cpu::column_means, cuda::column_means> column_means;
inline constexpr Kernel<Centred, cpu::centred, cuda::centred> centred;
inline constexpr Kernel<Gram, cpu::gram, cuda::gram> gram;
inline constexpr Kernel<MultiplyDoubles, cpu::multiply_doubles, cuda::multiply_doubles>
    multiply_doubles;
inline constexpr Kernel<InnerProduct, cpu::inner_product, cuda::inner_product> inner_product;

}  // namespace ganymede::kernels
