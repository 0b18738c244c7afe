#pragma once
// Sums over axes and their adjoint, broadcasting. Order of summation is fixed: same bits every run.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// A tensor of up to 6 axes, some of which are summed away (or, for expand, repeated).
struct Axes {
  static constexpr int max_rank = 6;
  int rank = 0;
  std::int64_t extent[max_rank] = {};
  bool reduced[max_rank] = {};

  /// One more axis, the innermost. An extent of 1 is dropped and a neighbour of the same kind
  /// merged, so that kernels see as few axes as possible.
  void append(std::int64_t n, bool is_reduced) {
    if (n == 1) return;
    if (rank > 0 && reduced[rank - 1] == is_reduced) {
      extent[rank - 1] *= n;
    } else {
      extent[rank] = n;
      reduced[rank++] = is_reduced;
    }
  }
  /// The same sum with as few axes as possible.
  Axes merged() const {
    Axes m;
    for (int i = 0; i < rank; ++i) m.append(extent[i], reduced[i]);
    return m;
  }
};

/// y[kept] = scale * sum over reduced of x[all]
using SumTo = void(Stream&, const Axes&, float scale, const float* x, float* y);
/// y[all] = scale * x[kept]
using Expand = void(Stream&, const Axes&, float scale, const float* x, float* y);

/// Rows of a matrix: y[i] = max_j x[i, j], index[i] = first j that has it. Either output may be
/// null.
using RowMax = void(Stream&, std::int64_t rows, std::int64_t width, const float* x, float* y,
                    std::int32_t* index);
/// y[i, j] = x[i, j] - log sum_j exp x[i, j], stable for any x.
using LogSoftmax = void(Stream&, std::int64_t rows, std::int64_t width, const float* x, float* y);
/// gx[i, j] = g[i, j] - exp(y[i, j]) sum_j g[i, j], with y = log_softmax(x)
using LogSoftmaxGrad = void(Stream&, std::int64_t rows, std::int64_t width, const float* y,
                            const float* g, float* gx);

namespace cpu {
SumTo sum_to;
Expand expand;
RowMax row_max;
LogSoftmax log_softmax;
LogSoftmaxGrad log_softmax_grad;
}  // namespace cpu
namespace cuda {
SumTo sum_to;
Expand expand;
RowMax row_max;
LogSoftmax log_softmax;
LogSoftmaxGrad log_softmax_grad;
}  // namespace cuda

inline constexpr Kernel<SumTo, cpu::sum_to, cuda::sum_to> sum_to;
inline constexpr Kernel<Expand, cpu::expand, cuda::expand> expand;
inline constexpr Kernel<RowMax, cpu::row_max, cuda::row_max> row_max;
inline constexpr Kernel<LogSoftmax, cpu::log_softmax, cuda::log_softmax> log_softmax;
inline constexpr Kernel<LogSoftmaxGrad, cpu::log_softmax_grad, cuda::log_softmax_grad>
    log_softmax_grad;

}  // namespace ganymede::kernels
