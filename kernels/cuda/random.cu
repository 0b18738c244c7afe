// Random fills. Element i is word i % 4 of Philox block *counter + i / 4: a thread per block, so
// the numbers do not depend on the launch, and a replayed graph sees the advanced counter. One
// cluster draws what it can in reasonable time and moves the counter on itself, once all its
// threads have read it; larger draws fill the device, and a second launch moves the counter.

#include <cmath>

#include <ganymede/kernels/random.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// f turns the four words of a block into the values of four elements and stores those below n.
/// `start`, where given, becomes the counter that was found.
template <class F>
__global__ void __launch_bounds__(threads)
    draw(std::int64_t n, RandomSource source, F f, bool one_cluster, std::int64_t* start) {
  const std::int64_t counter = *source.counter;
  if (start && grid_first() == 0) *start = counter;
  for (std::int64_t block = grid_first(); 4 * block < n; block += grid_stride())
    f(philox(static_cast<std::uint64_t>(counter + block), source.key), 4 * block, n);
  if (!one_cluster) return;
  cluster_sync();
  if (blockIdx.x == 0 && threadIdx.x == 0) *source.counter = counter + ceil_div<std::int64_t>(n, 4);
}

__global__ void __launch_bounds__(32) advance_kernel(std::int64_t by, std::int64_t* counter) {
  if (threadIdx.x == 0) *counter += by;
}

template <class F>
void run(Stream& stream, std::int64_t n, RandomSource source, F f, std::int64_t* start = nullptr) {
  constexpr unsigned most_blocks = 8;
  constexpr std::int64_t most_per_thread = 32;  // blocks of Philox; more are worth a launch
  if (n <= 0) return;
  const std::int64_t philox_blocks = ceil_div<std::int64_t>(n, 4);
  const unsigned together = has_clusters(stream) ? most_blocks : 1;
  if (philox_blocks <= std::int64_t{together} * threads * most_per_thread) {
    unsigned blocks = 1;
    while (blocks < together && philox_blocks > std::int64_t{blocks} * threads) blocks *= 2;
    return launch_clusters(stream, blocks, blocks, threads, 0, draw<F>, n, source, f, true, start);
  }
  launch(stream, grid_for(philox_blocks, threads), threads, 0, draw<F>, n, source, f, false, start);
  advance(stream, philox_blocks, source.counter);
}

/// Four values by `f` to an array.
template <class T, class F>
struct Fill {
  F f;
  T* y;
  __device__ void operator()(const Philox4& words, std::int64_t first, std::int64_t n) const {
    T values[4];
    f(words, values);
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (first + j < n) y[first + j] = values[j];
  }
};
template <class T, class F>
void fill_with(Stream& stream, std::int64_t n, RandomSource source, F f, T* y) {
  run(stream, n, source, Fill<T, F>{f, y});
}

struct UniformOf {
  float low, high;
  __device__ void operator()(const Philox4& block, float* y) const {
#pragma unroll
    for (int j = 0; j < 4; ++j) y[j] = uniform_float(block.v[j], low, high);
  }
};

/// Box & Muller 1958: r = sqrt(-2 log u), (r cos 2 pi v, r sin 2 pi v)
struct NormalOf {
  float mean, deviation;
  __device__ void operator()(const Philox4& block, float* y) const {
#pragma unroll
    for (int j = 0; j < 4; j += 2) {
      const float u = 1.0f - unit_float(block.v[j]);
      const float angle = 6.28318530717958648f * unit_float(block.v[j + 1]);
      const float radius = std::sqrt(-2.0f * std::log(u));
      y[j] = mean + deviation * (radius * std::cos(angle));
      y[j + 1] = mean + deviation * (radius * std::sin(angle));
    }
  }
};

struct BernoulliOf {
  float p, value;
  __device__ void operator()(const Philox4& block, float* y) const {
#pragma unroll
    for (int j = 0; j < 4; ++j) y[j] = unit_float(block.v[j]) < p ? value : 0.0f;
  }
};

struct IndexOf {
  std::int32_t bound;
  __device__ void operator()(const Philox4& block, std::int32_t* y) const {
#pragma unroll
    for (int j = 0; j < 4; ++j)
      y[j] = static_cast<std::int32_t>(
          (std::uint64_t{block.v[j]} * static_cast<std::uint32_t>(bound)) >> 32);
  }
};

struct Drop {
  float keep, value;
  const float* x;
  float* y;
  bool vectors;  ///< both are aligned for them
  __device__ void operator()(const Philox4& words, std::int64_t first, std::int64_t n) const {
    float mask[4];
#pragma unroll
    for (int j = 0; j < 4; ++j) mask[j] = unit_float(words.v[j]) < keep ? value : 0.0f;
    if (vectors && first + 4 <= n) {
      const float4 v = load4(x + first);
      return store4(y + first,
                    make_float4(v.x * mask[0], v.y * mask[1], v.z * mask[2], v.w * mask[3]));
    }
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (first + j < n) y[first + j] = x[first + j] * mask[j];
  }
};
Drop drop(float keep, const float* x, float* y) {
  return {keep, 1.0f / keep, x, y, aligned16(x) && aligned16(y)};
}

}  // namespace

void uniform(Stream& stream, std::int64_t n, RandomSource source, float low, float high, float* y) {
  fill_with(stream, n, source, UniformOf{low, high}, y);
}

void normal(Stream& stream, std::int64_t n, RandomSource source, float mean, float deviation,
            float* y) {
  fill_with(stream, n, source, NormalOf{mean, deviation}, y);
}

void bernoulli(Stream& stream, std::int64_t n, RandomSource source, float p, float value,
               float* y) {
  fill_with(stream, n, source, BernoulliOf{p, value}, y);
}

void uniform_index(Stream& stream, std::int64_t n, RandomSource source, std::int32_t bound,
                   std::int32_t* y) {
  fill_with(stream, n, source, IndexOf{bound}, y);
}

void dropout(Stream& stream, std::int64_t n, RandomSource source, float keep, const float* x,
             float* y, std::int64_t* start) {
  run(stream, n, source, drop(keep, x, y), start);
}

void dropout_again(Stream& stream, std::int64_t n, std::uint64_t key, const std::int64_t* start,
                   float keep, const float* x, float* y) {
  if (n <= 0) return;
  const RandomSource repeated{key, const_cast<std::int64_t*>(start)};  // which is not moved on
  launch(stream, grid_for(ceil_div<std::int64_t>(n, 4), threads), threads, 0, draw<Drop>, n,
         repeated, drop(keep, x, y), false, nullptr);
}

void advance(Stream& stream, std::int64_t by, std::int64_t* counter) {
  launch(stream, 1, 32, 0, advance_kernel, by, counter);
}

}  // namespace ganymede::kernels::cuda
