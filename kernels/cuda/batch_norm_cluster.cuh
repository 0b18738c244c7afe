#pragma once
// Batch norm in one launch, forward and backward: a cluster of blocks owns some channels, and what
// its passes need of all rows lies in their shared memory from the first pass to the last. x (and
// gy) are read once and y (gx) is written once, which is the least that batch norm can move.
//
// A thread owns four neighbouring channels and every positions-th row of its block's part. Sums go
// over the thread's rows, a tree over the block, then over the cluster's blocks in order: every
// block gets the same bits. The variance is that of the differences from the mean.

#include <initializer_list>

#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/norm.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_cluster.cuh>

namespace ganymede::kernels::cuda {

/// How a batch norm is cut: `groups` clusters of `blocks` blocks. A block has `rows` rows at most,
/// and `vectors` times four channels.
struct ClusterCut {
  static constexpr int threads = 256, held = 16;  ///< held: rows of a thread
  unsigned blocks = 0, groups = 0;                ///< 0 blocks: it does not fit, take two launches
  int vectors = 1, rows = 0;
  __host__ __device__ int positions() const { return threads / vectors; }
};

/// A pure function of the extents, the device and the tensors' alignment.
inline ClusterCut cut_into_clusters(const BatchNormShape& s, bool clusters,
                                    std::initializer_list<const float*> tensors) {
  constexpr int widest = 64, sector = 2;  // float4: 32 bytes are what memory moves at least
  constexpr unsigned most_blocks = 8, device_full = 128;
  constexpr std::int64_t worth_a_block = 4, most_groups = 65535;  // rows of a thread; grid y
  bool aligned = true;
  for (const float* tensor : tensors) aligned = aligned && aligned16(tensor);
  if (!clusters || !aligned || s.channels % 4 != 0 || s.rows < 1) return {};
  ClusterCut cut;
  cut.vectors = s.channels > 4 ? sector : 1;
  while (cut.vectors < widest && cut.vectors * 8 <= s.channels && cut.positions() / 2 >= s.rows)
    cut.vectors *= 2;
  const std::int64_t groups = ceil_div<std::int64_t>(s.channels, 4 * cut.vectors);
  const std::int64_t capacity = std::int64_t{cut.positions()} * ClusterCut::held;
  if (groups > most_groups || s.rows > capacity * most_blocks) return {};
  cut.groups = static_cast<unsigned>(groups);
  cut.blocks = 1;
  const auto wants_more = [&] {
    return s.rows > capacity * cut.blocks ||
           (cut.groups * cut.blocks < device_full &&
            s.rows > worth_a_block * cut.positions() * cut.blocks);
  };
  while (cut.blocks < most_blocks && wants_more()) cut.blocks *= 2;
  cut.rows = static_cast<int>(ceil_div<std::int64_t>(s.rows, cut.blocks));
  return cut;
}

struct BatchNormGradArgs {
  BatchNormShape s;
  const float *x, *gamma, *beta, *mean, *variance, *gy;

  __device__ float xhat(const Channel& c, std::int64_t i) const {
    return (x[i] - c.mean) * c.inv_std;
  }
  __device__ float masked(const Channel& c, float xh, float g) const {
    return cuda::masked(s, c, xh, g);
  }
  __device__ Channel channel(std::int64_t c) const {
    return channel_of(s, gamma, beta, mean, variance, c);
  }
};

/// Four channels at once.
__device__ inline float4 operator+(float4 a, float4 b) {
  return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}
/// (f(0), f(1), f(2), f(3))
template <class F>
__device__ float4 four(F f) {
  return make_float4(f(0), f(1), f(2), f(3));
}
__device__ inline float part(const float4& v, int i) {
  return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w;
}

/// This thread's place: its rows are first, first + step, ... < end.
struct ClusterPlace {
  int vector, position;
  std::int64_t channel, first, end;
  bool inside;  ///< its channels exist

  __device__ ClusterPlace(const ClusterCut& cut, const BatchNormShape& s)
      : vector(static_cast<int>(threadIdx.x) % cut.vectors),
        position(static_cast<int>(threadIdx.x) / cut.vectors),
        channel(4 * (std::int64_t{blockIdx.y} * cut.vectors + vector)),
        first(std::int64_t{blockIdx.x} * cut.rows + position),
        inside(channel < s.channels) {
    const std::int64_t stop = std::int64_t{blockIdx.x} * cut.rows + cut.rows;
    end = !inside ? first : stop < s.rows ? stop : s.rows;
  }
  /// Where the cluster writes down what it found of these channels.
  __device__ bool owner() const { return inside && position == 0 && blockIdx.x == 0; }
};

/// Sums over all rows of the cluster, per channel, of several values in one tree; every thread gets
/// those of its own channels. Behind it others still read `sums`: until the next cluster_sync
/// nobody may write them, or leave.
template <int count>
__device__ void cluster_totals(float4 (&sums)[count][ClusterCut::threads], float4 (&values)[count],
                               const ClusterCut& cut, const ClusterPlace& at) {
#pragma unroll
  for (int k = 0; k < count; ++k) sums[k][threadIdx.x] = values[k];
  __syncthreads();
  for (int step = cut.positions() / 2; step > 0; step /= 2) {
    if (at.position < step) {
#pragma unroll
      for (int k = 0; k < count; ++k) {
        values[k] = values[k] + sums[k][threadIdx.x + static_cast<unsigned>(step * cut.vectors)];
        sums[k][threadIdx.x] = values[k];
      }
    }
    __syncthreads();
  }
  cluster_sync();
#pragma unroll
  for (int k = 0; k < count; ++k) values[k] = cluster_load(&sums[k][at.vector], 0);
  for (unsigned rank = 1; rank < cut.blocks; ++rank)
#pragma unroll
    for (int k = 0; k < count; ++k) values[k] = values[k] + cluster_load(&sums[k][at.vector], rank);
}

/// Each total has sums of its own: no barrier parts what is read of the one from what is written of
/// the other.
struct ForwardShared {
  float4 x[ClusterCut::held][ClusterCut::threads];
  float4 sums[1][ClusterCut::threads], squares[1][ClusterCut::threads];
};

__global__ void __launch_bounds__(ClusterCut::threads)
    batch_norm_cluster(BatchNormShape s, ClusterCut cut, const float* x, const float* gamma,
                       const float* beta, const float* addend, float* y, float* mean,
                       float* variance, MovingStatistics moving) {
  ForwardShared& shared = shared_memory<ForwardShared>();
  const ClusterPlace at(cut, s);
  const unsigned me = threadIdx.x;
  const float share = 1.0f / static_cast<float>(s.rows);

  float4 sum[1] = {make_float4(0, 0, 0, 0)};
  int slot = 0;
  for (std::int64_t row = at.first; row < at.end; row += cut.positions(), ++slot) {
    const float4 v = load4(x + row * s.channels + at.channel);
    shared.x[slot][me] = v;
    sum[0] = sum[0] + v;
  }
  const int slots = slot;
  cluster_totals(shared.sums, sum, cut, at);
  const float4 average = four([&](int i) { return part(sum[0], i) * share; });

  float4 square[1] = {make_float4(0, 0, 0, 0)};
  for (slot = 0; slot < slots; ++slot) {
    const float4 v = shared.x[slot][me];
    square[0] = square[0] + four([&](int i) {
                  const float d = part(v, i) - part(average, i);
                  return d * d;
                });
  }
  cluster_totals(shared.squares, square, cut, at);
  const float4 deviations = square[0];
  cluster_sync();

  if (!at.inside) return;
  if (at.owner()) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const std::int64_t c = at.channel + i;
      mean[c] = part(average, i);
      variance[c] = part(deviations, i) * share;
      if (moving.mean) move_statistics(moving, c, mean[c], variance[c]);
    }
  }
  const auto scale = four([&](int i) {
    return (gamma ? gamma[at.channel + i] : 1.0f) /
           std::sqrt(part(deviations, i) * share + s.epsilon);
  });
  const auto shift = four([&](int i) { return beta ? beta[at.channel + i] : 0.0f; });
  std::int64_t row = at.first;
  for (slot = 0; slot < slots; ++slot, row += cut.positions()) {
    const std::int64_t first = row * s.channels + at.channel;
    const float4 v = shared.x[slot][me];
    const float4 more = addend ? load4(addend + first) : make_float4(0, 0, 0, 0);
    store4(y + first, four([&](int i) {
             const float pre = (part(v, i) - part(average, i)) * part(scale, i) + part(shift, i);
             return functor::activate(pre + part(more, i), s.activation, s.slope);
           }));
  }
}

struct BackwardShared {
  float4 xhat[ClusterCut::held][ClusterCut::threads], g[ClusterCut::held][ClusterCut::threads];
  float4 sums[2][ClusterCut::threads];
};

/// gx = gamma inv_std (gy' - gbeta / rows - xhat ggamma / rows), and ggamma, gbeta where wanted.
__global__ void __launch_bounds__(ClusterCut::threads)
    batch_norm_grad_cluster(BatchNormGradArgs a, ClusterCut cut, float* gx, float* ggamma,
                            float* gbeta) {
  BackwardShared& shared = shared_memory<BackwardShared>();
  const ClusterPlace at(cut, a.s);
  const unsigned me = threadIdx.x;
  Channel channels[4] = {};
  if (at.inside)
    for (int i = 0; i < 4; ++i) channels[i] = a.channel(at.channel + i);

  float4 sums[2] = {};  // of g, and of g xhat
  int slot = 0;
  for (std::int64_t row = at.first; row < at.end; row += cut.positions(), ++slot) {
    const std::int64_t first = row * a.s.channels + at.channel;
    const float4 vx = load4(a.x + first), vg = load4(a.gy + first);
    const float4 xhat =
        four([&](int i) { return (part(vx, i) - channels[i].mean) * channels[i].inv_std; });
    const float4 g = four([&](int i) { return a.masked(channels[i], part(xhat, i), part(vg, i)); });
    shared.xhat[slot][me] = xhat;
    shared.g[slot][me] = g;
    sums[0] = sums[0] + g;
    sums[1] = sums[1] + four([&](int i) { return part(g, i) * part(xhat, i); });
  }
  const int slots = slot;
  cluster_totals(shared.sums, sums, cut, at);
  const float4 of_g = sums[0], of_product = sums[1];
  cluster_sync();

  if (!at.inside) return;
  if (at.owner()) {
    if (ggamma) store4(ggamma + at.channel, of_product);
    if (gbeta) store4(gbeta + at.channel, of_g);
  }
  const float share = 1.0f / static_cast<float>(a.s.rows);
  std::int64_t row = at.first;
  for (slot = 0; slot < slots; ++slot, row += cut.positions()) {
    const float4 xhat = shared.xhat[slot][me], g = shared.g[slot][me];
    store4(gx + row * a.s.channels + at.channel, four([&](int i) {
             return channels[i].gamma * channels[i].inv_std *
                    (part(g, i) - part(of_g, i) * share -
                     part(xhat, i) * (part(of_product, i) * share));
           }));
  }
}

}  // namespace ganymede::kernels::cuda
