// Batch norm over the rows of a (rows x channels) matrix, layer norm over each sample.
// Statistics and gradient sums are folds (fold.cuh tells their cut). In batch norm's maps a thread
// keeps its channels, and what it makes of their statistics, over many rows; layer norm's take a
// thread per element. Neighbouring threads read neighbouring memory in both.
// Batch norm of a layer whose rows fit the shared memory of a cluster is one launch instead
// (batch_norm_cluster.cuh).

#include <algorithm>
#include <initializer_list>
#include <type_traits>

#include <ganymede/kernels/norm.h>
#include <ganymede/kernels/cuda/batch_norm_cluster.cuh>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

struct ColumnMoments {
  using State = Moments;
  static constexpr int unroll = 4;
  // The long columns are a DenseNet's maps of 32 channels: one cluster would read them alone.
  static constexpr std::int64_t most_per_thread = 64;
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

/// How a map over rows x channels is cut: a block has `lanes` threads along the channels, `Width`
/// neighbours each, times rows.
struct MapCut {
  int lanes;
  dim3 grid;
};
MapCut cut_map(const BatchNormShape& s, int width) {
  constexpr std::int64_t most_lanes = 64, rows_of_thread = 4, wanted_blocks = 4096;
  const std::int64_t vectors = ceil_div<std::int64_t>(s.channels, width);
  const std::int64_t groups = ceil_div(vectors, most_lanes), lanes = ceil_div(vectors, groups);
  const std::int64_t rows = threads / lanes * rows_of_thread;
  const std::int64_t blocks = std::clamp<std::int64_t>(
      ceil_div(s.rows, rows), 1, std::max<std::int64_t>(1, wanted_blocks / groups));
  return {static_cast<int>(lanes),
          dim3(static_cast<unsigned>(groups), static_cast<unsigned>(blocks), 1)};
}

/// Where a thread of such a map begins, and how far it goes from row to row.
struct MapPlace {
  std::int64_t channel, first, step, end;  ///< the last three count elements

  __device__ MapPlace(const BatchNormShape& s, int lanes, int width) {
    const int lane = static_cast<int>(threadIdx.x) % lanes,
              positions = static_cast<int>(threads) / lanes,
              position = static_cast<int>(threadIdx.x) / lanes;
    channel = (static_cast<std::int64_t>(blockIdx.x) * lanes + lane) * width;
    const std::int64_t row = static_cast<std::int64_t>(blockIdx.y) * positions + position;
    first = row * s.channels + channel;
    step = static_cast<std::int64_t>(gridDim.y) * positions * s.channels;
    end = position < positions && channel < s.channels ? s.rows * s.channels : 0;
  }
};

template <int Width>
struct Values {
  float v[Width];
};
template <int Width>
__device__ Values<Width> load_values(const float* p) {
  if constexpr (Width == 1)
    return {{*p}};
  else {
    const float4 four = load4(p);
    return {{four.x, four.y, four.z, four.w}};
  }
}
template <int Width>
__device__ void store_values(float* p, const Values<Width>& x) {
  if constexpr (Width == 1)
    *p = x.v[0];
  else
    store4(p, make_float4(x.v[0], x.v[1], x.v[2], x.v[3]));
}

/// The kind of activation is asked for once, not for each value.
template <int Width>
__device__ void activate_values(Values<Width>& x, const BatchNormShape& s) {
  if (s.activation == Activation::none) return;
  if (s.activation == Activation::leaky_relu) {
#pragma unroll
    for (int j = 0; j < Width; ++j) x.v[j] = functor::leaky_relu(x.v[j], s.slope);
  } else {
#pragma unroll 1
    for (int j = 0; j < Width; ++j) x.v[j] = functor::activate(x.v[j], s.activation, s.slope);
  }
}

/// y = activation(gamma (x - mean) / sqrt(variance + epsilon) + beta + addend)
template <int Width>
__global__ void __launch_bounds__(threads)
    batch_norm_map(BatchNormShape s, int lanes, const float* x, const float* gamma,
                   const float* beta, const float* addend, const float* mean, const float* variance,
                   float* y) {
  const MapPlace at(s, lanes, Width);
  if (at.first >= at.end) return;
  Channel of[Width];
#pragma unroll
  for (int j = 0; j < Width; ++j)
    of[j] = channel_of(s, gamma, beta, mean, variance, at.channel + j);
  for (std::int64_t i = at.first; i < at.end; i += at.step) {
    Values<Width> value = load_values<Width>(x + i), more{};
    if (addend) more = load_values<Width>(addend + i);
#pragma unroll
    for (int j = 0; j < Width; ++j) {
      const Channel& c = of[j];
      value.v[j] = (value.v[j] - c.mean) * (c.gamma * c.inv_std) + c.beta + more.v[j];
    }
    activate_values(value, s);
    store_values(y + i, value);
  }
}

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
template <int Width>
__global__ void __launch_bounds__(threads)
    batch_norm_grad_map(BatchNormGradArgs a, int lanes, const float* ggamma, const float* gbeta,
                        float* gx) {
  const MapPlace at(a.s, lanes, Width);
  if (at.first >= at.end) return;
  const float share = 1.0f / static_cast<float>(a.s.rows);
  Channel of[Width];
  float of_xhat[Width], of_all[Width];
#pragma unroll
  for (int j = 0; j < Width; ++j) {
    of[j] = a.channel(at.channel + j);
    of_xhat[j] = ggamma[at.channel + j] * share;
    of_all[j] = gbeta[at.channel + j] * share;
  }
  for (std::int64_t i = at.first; i < at.end; i += at.step) {
    const Values<Width> x = load_values<Width>(a.x + i);
    Values<Width> g = load_values<Width>(a.gy + i);
#pragma unroll
    for (int j = 0; j < Width; ++j) {
      const Channel& c = of[j];
      const float xh = (x.v[j] - c.mean) * c.inv_std, masked = a.masked(c, xh, g.v[j]);
      g.v[j] = c.gamma * c.inv_std * (masked - of_all[j] - xh * of_xhat[j]);
    }
    store_values(gx + i, g);
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

/// f(4) where four channels can move at once, else f(1), as constants.
template <class F>
void with_width(const BatchNormShape& s, std::initializer_list<const float*> tensors, F f) {
  const bool wide = s.channels % 4 == 0 && std::ranges::all_of(tensors, aligned16);
  if (wide)
    f(std::integral_constant<int, 4>{});
  else
    f(std::integral_constant<int, 1>{});
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
    with_width(s, {x, addend, y}, [&](auto width) {
      const MapCut map = cut_map(s, width);
      launch(stream, map.grid, threads, 0, batch_norm_map<width()>, s, map.lanes, x, gamma, beta,
             addend, mean, variance, y);
    });
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
  const GradSumsTarget sums(stream, s.channels, ggamma, gbeta);
  fold(stream, {1, s.channels, s.rows, FoldLayout::columns},
       BatchNormGradSums{{}, args, sums.ggamma, sums.gbeta});
  if (gx && s.rows > 0 && s.channels > 0)
    with_width(s, {x, gy, gx}, [&](auto width) {
      const MapCut map = cut_map(s, width);
      launch(stream, map.grid, threads, 0, batch_norm_grad_map<width()>, args, map.lanes,
             sums.ggamma, sums.gbeta, gx);
    });
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
