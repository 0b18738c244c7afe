// Means and inner products are folds (fold.cuh) in double; centring is a thread per element.

#include <ganymede/kernels/moments.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

struct DoubleSum {
  using State = double;
  static constexpr int unroll = 4;
  __device__ static State empty() { return 0.0; }
  __device__ static void merge(State& into, State from) { into += from; }
};

struct Means : DoubleSum {
  std::int64_t rows, columns;
  const float* x;
  double* mean;
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    s += static_cast<double>(x[r * columns + k]);
  }
  __device__ void finish(std::int64_t, std::int64_t k, State s) const {
    mean[k] = s / static_cast<double>(rows);
  }
};

struct Inner : DoubleSum {
  const double *a, *b;
  double* y;
  __device__ void add(State& s, std::int64_t, std::int64_t, std::int64_t r) const {
    s += a[r] * b[r];
  }
  __device__ void finish(std::int64_t, std::int64_t, State s) const { *y = s; }
};

__global__ void __launch_bounds__(threads)
    centre(std::int64_t rows, std::int64_t columns, double scale, const float* x,
           const double* mean, double* y) {
  for (std::int64_t i = grid_first(); i < rows * columns; i += grid_stride())
    y[i] = scale * (static_cast<double>(x[i]) - mean[i % columns]);
}

}  // namespace

void column_means(Stream& stream, std::int64_t rows, std::int64_t columns, const float* x,
                  double* mean) {
  fold(stream, {1, columns, rows, FoldLayout::columns}, Means{{}, rows, columns, x, mean});
}

void centred(Stream& stream, std::int64_t rows, std::int64_t columns, double scale, const float* x,
             const double* mean, double* y) {
  if (rows * columns > 0)
    launch(stream, grid_for(rows * columns, threads), threads, 0, centre, rows, columns, scale, x,
           mean, y);
}

void inner_product(Stream& stream, std::int64_t n, const double* a, const double* b, double* y) {
  fold(stream, {1, 1, n, FoldLayout::rows}, Inner{{}, a, b, y});
}

}  // namespace ganymede::kernels::cuda
