// Sums over axes and their adjoint; row maxima and log-softmax. The folds' cut over blocks and
// threads is told in fold.cuh.

#include <ganymede/kernels/reduce.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

std::int64_t count(const Axes& axes, bool reduced) {
  std::int64_t n = 1;
  for (int i = 0; i < axes.rank; ++i)
    if (axes.reduced[i] == reduced) n *= axes.extent[i];
  return n;
}

struct Sum {
  using State = float;
  static constexpr int unroll = 8;
  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }
};

/// x[o, r, k] (columns) or x[k, r] (rows), as strides.
struct StridedSum : Sum {
  std::int64_t outer_stride, kept_stride, reduced_stride, kept;
  float scale;
  const float* x;
  float* y;
  __device__ void add(State& s, std::int64_t o, std::int64_t k, std::int64_t r) const {
    s += x[o * outer_stride + k * kept_stride + r * reduced_stride];
  }
  __device__ void finish(std::int64_t o, std::int64_t k, State s) const {
    y[o * kept + k] = scale * s;
  }
};

/// Offset of the i-th combination of the axes of one kind, in x. Unrolled over all possible axes:
/// an array in registers or kernel parameters takes no index that is known at run time only.
__device__ std::int64_t offset(const Axes& axes, bool reduced, std::int64_t i) {
  std::int64_t at = 0, stride = 1;
#pragma unroll
  for (int a = Axes::max_rank - 1; a >= 0; --a) {
    if (a >= axes.rank) continue;
    if (axes.reduced[a] == reduced) {
      at += i % axes.extent[a] * stride;
      i /= axes.extent[a];
    }
    stride *= axes.extent[a];
  }
  return at;
}

/// Any pattern of axes: indices are taken apart for every element.
struct GeneralSum : Sum {
  static constexpr int unroll = 1;
  Axes axes;
  float scale;
  const float* x;
  float* y;
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    s += x[offset(axes, false, k) + offset(axes, true, r)];
  }
  __device__ void finish(std::int64_t, std::int64_t k, State s) const { y[k] = scale * s; }
};

/// y[all] = scale * x[kept]; a thread per element of y. `Index` is 32 bits wide where they do.
template <class Index>
__global__ void __launch_bounds__(threads)
    expand_kernel(Axes axes, std::int64_t n, float scale, const float* x, float* y) {
  for (std::int64_t i = grid_first(); i < n; i += grid_stride()) {
    Index rest = static_cast<Index>(i), from = 0, stride = 1;
#pragma unroll
    for (int a = Axes::max_rank - 1; a >= 0; --a) {
      if (a >= axes.rank) continue;
      const Index extent = static_cast<Index>(axes.extent[a]);
      const Index quotient = rest / extent;
      if (!axes.reduced[a]) {
        from += (rest - quotient * extent) * stride;
        stride *= extent;
      }
      rest = quotient;
    }
    y[i] = scale * x[from];
  }
}

// ---- rows of a matrix: one warp each, lanes along the row
// ------------------------------------------

constexpr int rows_per_block = 8;

unsigned row_blocks(std::int64_t rows) { return grid_for(rows, rows_per_block, 1u << 20); }

__device__ std::int64_t first_row() {
  return static_cast<std::int64_t>(blockIdx.x) * rows_per_block + warp_index();
}
__device__ std::int64_t row_stride() {
  return static_cast<std::int64_t>(gridDim.x) * rows_per_block;
}

/// The larger value, at equal values the smaller index, wins. Indices fit 32 bits by contract.
__global__ void __launch_bounds__(threads)
    row_max_kernel(std::int64_t rows, std::int64_t width, const float* x, float* y,
                   std::int32_t* index) {
  for (std::int64_t row = first_row(); row < rows; row += row_stride()) {
    float best = -INFINITY;
    int at = 0x7fffffff;
    for (std::int64_t j = lane_index(); j < width; j += 32) {
      const float v = x[row * width + j];
      if (v > best || at == 0x7fffffff) {
        best = v;
        at = static_cast<int>(j);
      }
    }
#pragma unroll
    for (int step = 16; step > 0; step >>= 1) {
      const float other = __shfl_xor_sync(full_warp, best, step);
      const int other_at = __shfl_xor_sync(full_warp, at, step);
      if (other > best || (!(best > other) && other_at < at)) {
        best = other;
        at = other_at;
      }
    }
    if (lane_index() == 0) {
      if (y) y[row] = best;
      if (index) index[row] = at;
    }
  }
}

/// y = x - max - log sum exp(x - max)
__global__ void __launch_bounds__(threads)
    log_softmax_kernel(std::int64_t rows, std::int64_t width, const float* x, float* y) {
  for (std::int64_t row = first_row(); row < rows; row += row_stride()) {
    const float* in = x + row * width;
    float top = -INFINITY;
    for (std::int64_t j = lane_index(); j < width; j += 32) top = in[j] > top ? in[j] : top;
    top = warp_max(top);
    float sum = 0.0f;
    for (std::int64_t j = lane_index(); j < width; j += 32) sum += std::exp(in[j] - top);
    const float log_sum = std::log(warp_sum(sum));
    for (std::int64_t j = lane_index(); j < width; j += 32)
      y[row * width + j] = in[j] - top - log_sum;
  }
}

/// gx = g - exp(y) sum g
__global__ void __launch_bounds__(threads)
    log_softmax_grad_kernel(std::int64_t rows, std::int64_t width, const float* y, const float* g,
                            float* gx) {
  for (std::int64_t row = first_row(); row < rows; row += row_stride()) {
    float sum = 0.0f;
    for (std::int64_t j = lane_index(); j < width; j += 32) sum += g[row * width + j];
    sum = warp_sum(sum);
    for (std::int64_t j = lane_index(); j < width; j += 32) {
      const std::int64_t i = row * width + j;
      gx[i] = g[i] - std::exp(y[i]) * sum;
    }
  }
}

}  // namespace

void column_sums(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                 const float* x, float* y) {
  const StridedSum op{{}, 0, 1, stride, channels, 1.0f, x, y};
  fold(stream, {1, channels, rows, FoldLayout::columns}, op);
}

void sum_to(Stream& stream, const Axes& axes, float scale, const float* x, float* y) {
  const Axes m = axes.merged();
  const std::int64_t kept = count(m, false), reduced = count(m, true);
  const auto is = [&](bool a, bool b) { return m.reduced[0] == a && m.reduced[1] == b; };
  if (m.rank <= 1 || (m.rank == 2 && is(false, true))) {
    const StridedSum op{{}, 0, reduced, 1, kept, scale, x, y};
    return fold(stream, {1, kept, reduced, FoldLayout::rows}, op);
  }
  if (m.rank == 2 || (m.rank == 3 && m.reduced[1])) {
    const std::int64_t inner = m.extent[m.rank - 1];
    const StridedSum op{{}, reduced * inner, 1, inner, inner, scale, x, y};
    return fold(stream,
                {kept / std::max<std::int64_t>(inner, 1), inner, reduced, FoldLayout::columns}, op);
  }
  fold(stream, {1, kept, reduced, FoldLayout::rows}, GeneralSum{{}, m, scale, x, y});
}

void expand(Stream& stream, const Axes& axes, float scale, const float* x, float* y) {
  const Axes m = axes.merged();
  const std::int64_t n = count(m, false) * count(m, true);
  if (n <= 0) return;
  const auto kernel =
      n < (std::int64_t{1} << 31) ? expand_kernel<std::uint32_t> : expand_kernel<std::int64_t>;
  launch(stream, grid_for(n, threads), threads, 0, kernel, m, n, scale, x, y);
}

void row_max(Stream& stream, std::int64_t rows, std::int64_t width, const float* x, float* y,
             std::int32_t* index) {
  if (rows > 0)
    launch(stream, row_blocks(rows), threads, 0, row_max_kernel, rows, width, x, y, index);
}

void log_softmax(Stream& stream, std::int64_t rows, std::int64_t width, const float* x, float* y) {
  if (rows > 0) launch(stream, row_blocks(rows), threads, 0, log_softmax_kernel, rows, width, x, y);
}

void log_softmax_grad(Stream& stream, std::int64_t rows, std::int64_t width, const float* y,
                      const float* g, float* gx) {
  if (rows > 0)
    launch(stream, row_blocks(rows), threads, 0, log_softmax_grad_kernel, rows, width, y, g, gx);
}

}  // namespace ganymede::kernels::cuda
