// Batch norm over the rows of a (rows x channels) matrix, layer norm over each sample.
// Statistics and gradient sums are folds (fold.cuh tells their cut); the maps that follow take a
// thread per element, channels fastest, so that neighbouring threads read neighbouring memory.
// Batch norm of a layer whose rows fit the shared memory of a cluster is one launch instead
// (batch_norm_cluster.cuh).

#include <ganymede/kernels/norm.h>
#include <ganymede/kernels/cuda/batch_norm_cluster.cuh>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

struct ColumnMoments {
  using State = Moments;
  static constexpr int unroll = 4;
  std::int64_t stride;
  const float* x;
  float *mean, *variance;
  MovingStatistics moving;
  __device__ static State empty() { return Moments::empty(); }
  __device__ static void merge(State& a, const State& b) { Moments::merge(a, b); }
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    s.add(x[r * stride + k]);
  }
  __device__ void finish(std::int64_t, std::int64_t k, const State& s) const {
    mean[k] = s.mean();
    variance[k] = s.variance();
    if (moving.mean) move_statistics(moving, k, s.mean(), s.variance());
  }
};

/// y = activation(gamma (x - mean) / sqrt(variance + epsilon) + beta + addend)
__global__ void __launch_bounds__(threads)
    batch_norm_map(BatchNormShape s, const float* x, const float* gamma, const float* beta,
                   const float* addend, const float* mean, const float* variance, float* y) {
  for (std::int64_t i = grid_first(); i < s.rows * s.channels; i += grid_stride()) {
    const Channel c = channel_of(s, gamma, beta, mean, variance, i % s.channels);
    const float pre = c.gamma * ((x[i] - c.mean) * c.inv_std) + c.beta;
    y[i] = functor::activate(addend ? pre + addend[i] : pre, s.activation, s.slope);
  }
}

/// The two sums a normalisation's backward needs.
struct GradSums {
  float gy, gy_xhat;
};
struct GradSumsOp {
  using State = GradSums;
  static constexpr int unroll = 4;
  __device__ static State empty() { return {0.0f, 0.0f}; }
  __device__ static void merge(State& a, const State& b) {
    a.gy += b.gy;
    a.gy_xhat += b.gy_xhat;
  }
};

/// ggamma = sum gy' xhat, gbeta = sum gy', gy' = gy activation'(pre)
struct BatchNormGradSums : GradSumsOp {
  BatchNormGradArgs a;
  float *ggamma, *gbeta;
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    const std::int64_t i = r * a.s.channels + k;
    const Channel c = a.channel(k);
    const float xh = a.xhat(c, i), g = a.masked(c, xh, a.gy[i]);
    s.gy += g;
    s.gy_xhat += g * xh;
  }
  __device__ void finish(std::int64_t, std::int64_t k, const State& s) const {
    ggamma[k] = s.gy_xhat;
    gbeta[k] = s.gy;
  }
};

/// gx = gamma inv_std (gy' - gbeta / rows - xhat ggamma / rows)
__global__ void __launch_bounds__(threads)
    batch_norm_grad_map(BatchNormGradArgs a, const float* ggamma, const float* gbeta, float* gx) {
  const float share = 1.0f / static_cast<float>(a.s.rows);
  for (std::int64_t i = grid_first(); i < a.s.rows * a.s.channels; i += grid_stride()) {
    const std::int64_t k = i % a.s.channels;
    const Channel c = a.channel(k);
    const float xh = a.xhat(c, i), g = a.masked(c, xh, a.gy[i]);
    gx[i] = c.gamma * c.inv_std * (g - gbeta[k] * share - xh * (ggamma[k] * share));
  }
}

// ---- layer norm --------------------------------------------------------------------------------

struct RowMoments {
  using State = Moments;
  static constexpr int unroll = 4;
  LayerNormShape shape;
  const float* x;
  float *mean, *inv_std;
  __device__ static State empty() { return Moments::empty(); }
  __device__ static void merge(State& a, const State& b) { Moments::merge(a, b); }
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    s.add(x[k * shape.width + r]);
  }
  __device__ void finish(std::int64_t, std::int64_t k, const State& s) const {
    mean[k] = s.mean();
    inv_std[k] = 1.0f / std::sqrt(s.variance() + shape.epsilon);
  }
};

/// y = gamma (x - mean) inv_std + beta, statistics by row, gamma and beta by channel
__global__ void __launch_bounds__(threads)
    layer_norm_map(LayerNormShape s, const float* x, const float* gamma, const float* beta,
                   const float* mean, const float* inv_std, float* y) {
  for (std::int64_t i = grid_first(); i < s.rows * s.width; i += grid_stride()) {
    const std::int64_t row = i / s.width, c = (i - row * s.width) % s.channels;
    const float xh = (x[i] - mean[row]) * inv_std[row];
    y[i] = (gamma ? gamma[c] : 1.0f) * xh + (beta ? beta[c] : 0.0f);
  }
}

struct LayerNormGradArgs {
  LayerNormShape s;
  const float *x, *gamma, *mean, *inv_std, *gy;
  __device__ float xhat(std::int64_t row, std::int64_t i) const {
    return (x[i] - mean[row]) * inv_std[row];
  }
  __device__ float weight(std::int64_t j) const { return gamma ? gamma[j % s.channels] : 1.0f; }
};

/// Per row: sum gamma gy and sum gamma gy xhat.
struct LayerNormRowSums : GradSumsOp {
  LayerNormGradArgs a;
  GradSums* sums;
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    const std::int64_t i = k * a.s.width + r;
    const float g = a.weight(r) * a.gy[i];
    s.gy += g;
    s.gy_xhat += g * a.xhat(k, i);
  }
  __device__ void finish(std::int64_t, std::int64_t k, const State& s) const { sums[k] = s; }
};

/// Per channel: gbeta = sum gy, ggamma = sum gy xhat.
struct LayerNormColumnSums : GradSumsOp {
  LayerNormGradArgs a;
  float *ggamma, *gbeta;
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    const std::int64_t i = r * a.s.channels + k, row = i / a.s.width;
    s.gy += a.gy[i];
    s.gy_xhat += a.gy[i] * a.xhat(row, i);
  }
  __device__ void finish(std::int64_t, std::int64_t k, const State& s) const {
    if (ggamma) ggamma[k] = s.gy_xhat;
    if (gbeta) gbeta[k] = s.gy;
  }
};

/// gx = inv_std (gamma gy - mean(gamma gy) - xhat mean(gamma gy xhat))
__global__ void __launch_bounds__(threads)
    layer_norm_grad_map(LayerNormGradArgs a, const GradSums* sums, float* gx) {
  const float share = 1.0f / static_cast<float>(a.s.width);
  for (std::int64_t i = grid_first(); i < a.s.rows * a.s.width; i += grid_stride()) {
    const std::int64_t row = i / a.s.width, j = i - row * a.s.width;
    const float g = a.weight(j) * a.gy[i];
    const GradSums total = sums[row];
    gx[i] = a.inv_std[row] * (g - total.gy * share - a.xhat(row, i) * (total.gy_xhat * share));
  }
}

unsigned grid_of(std::int64_t count) { return grid_for(count, threads, 1u << 16); }

}  // namespace

void column_moments(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                    const float* x, float* mean, float* variance) {
  fold(stream, {1, channels, rows, FoldLayout::columns},
       ColumnMoments{stride, x, mean, variance, {}});
}

void batch_norm(Stream& stream, const BatchNormShape& s, const float* x, const float* gamma,
                const float* beta, const float* addend, float* y, float* mean, float* variance,
                const MovingStatistics& moving) {
  const ClusterCut cut =
      cut_into_clusters(s, has_clusters(stream, sizeof(ForwardShared)), {x, addend, y});
  if (cut.blocks > 0)
    return launch_clusters(stream, dim3(cut.blocks, 1, 1), dim3(cut.blocks, cut.groups, 1),
                           ClusterCut::threads, sizeof(ForwardShared), batch_norm_cluster, s, cut,
                           x, gamma, beta, addend, y, mean, variance, moving);
  fold(stream, {1, s.channels, s.rows, FoldLayout::columns},
       ColumnMoments{s.channels, x, mean, variance, moving});
  batch_norm_inference(stream, s, x, gamma, beta, addend, mean, variance, y);
}

void batch_norm_inference(Stream& stream, const BatchNormShape& s, const float* x,
                          const float* gamma, const float* beta, const float* addend,
                          const float* mean, const float* variance, float* y) {
  if (s.rows > 0 && s.channels > 0)
    launch(stream, grid_of(s.rows * s.channels), threads, 0, batch_norm_map, s, x, gamma, beta,
           addend, mean, variance, y);
}

void batch_norm_grad(Stream& stream, const BatchNormShape& s, const float* x, const float* gamma,
                     const float* beta, const float* mean, const float* variance, const float* gy,
                     float* gx, float* ggamma, float* gbeta) {
  const BatchNormGradArgs args{s, x, gamma, beta, mean, variance, gy};
  const ClusterCut cut = cut_into_clusters(s, has_clusters(stream, sizeof(BackwardShared)),
                                           {x, gy, gx, ggamma, gbeta});
  if (gx && cut.blocks > 0)
    return launch_clusters(stream, dim3(cut.blocks, 1, 1), dim3(cut.blocks, cut.groups, 1),
                           ClusterCut::threads, sizeof(BackwardShared), batch_norm_grad_cluster,
                           args, cut, gx, ggamma, gbeta);
  Block own;  // the sums are needed for gx even where nobody wants them
  if (!ggamma || !gbeta) {
    own = allocate(stream, 2 * sizeof(float) * static_cast<std::size_t>(s.channels));
    if (!ggamma) ggamma = static_cast<float*>(own.data());
    if (!gbeta) gbeta = static_cast<float*>(own.data()) + s.channels;
  }
  fold(stream, {1, s.channels, s.rows, FoldLayout::columns},
       BatchNormGradSums{{}, args, ggamma, gbeta});
  if (gx && s.rows > 0)
    launch(stream, grid_of(s.rows * s.channels), threads, 0, batch_norm_grad_map, args, ggamma,
           gbeta, gx);
}

void layer_norm(Stream& stream, const LayerNormShape& s, const float* x, const float* gamma,
                const float* beta, float* y, float* mean, float* inv_std) {
  fold(stream, {1, s.rows, s.width, FoldLayout::rows}, RowMoments{s, x, mean, inv_std});
  if (s.rows > 0 && s.width > 0)
    launch(stream, grid_of(s.rows * s.width), threads, 0, layer_norm_map, s, x, gamma, beta, mean,
           inv_std, y);
}

void layer_norm_grad(Stream& stream, const LayerNormShape& s, const float* x, const float* gamma,
                     const float* mean, const float* inv_std, const float* gy, float* gx,
                     float* ggamma, float* gbeta) {
  const LayerNormGradArgs args{s, x, gamma, mean, inv_std, gy};
  if (gx && s.rows > 0 && s.width > 0) {
    Block block = allocate(stream, sizeof(GradSums) * static_cast<std::size_t>(s.rows));
    GradSums* sums = static_cast<GradSums*>(block.data());
    fold(stream, {1, s.rows, s.width, FoldLayout::rows}, LayerNormRowSums{{}, args, sums});
    launch(stream, grid_of(s.rows * s.width), threads, 0, layer_norm_grad_map, args, sums, gx);
  }
  if (ggamma || gbeta)
    fold(stream, {1, s.channels, s.rows * s.width / s.channels, FoldLayout::columns},
         LayerNormColumnSums{{}, args, ggamma, gbeta});
}

}  // namespace ganymede::kernels::cuda
