// Random fills. Element i is word i % 4 of Philox block *counter + i / 4: a thread per block, so
// the numbers do not depend on the launch, and a replayed graph sees the advanced counter. One
// cluster draws what it can in reasonable time and moves the counter on, once all its threads have
// read it. Larger draws fill the device: their blocks count themselves in the counter's upper bits
// as they leave, and the last one moves it on and puts those bits back to 0 for the next replay.

#include <cmath>

#include <ganymede/kernels/random.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_cluster.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// The counter proper, below 2^48, and above it how many blocks are through: a grid has 4096 at
/// most.
constexpr int counter_bits = 48;
constexpr std::int64_t one_block = std::int64_t{1} << counter_bits;

/// Who moves the counter on; nobody does where a gradient draws again.
enum class MovedBy : std::uint8_t { nobody, the_cluster, the_last_block };

/// f turns the four words of a block into the values of four elements and stores those below n.
/// `start`, where given, becomes the counter that was found.
template <class F>
__global__ void __launch_bounds__(threads)
    draw(std::int64_t n, RandomSource source, F f, MovedBy moved_by, std::int64_t* start) {
  const std::int64_t counter = *source.counter & (one_block - 1);
  if (start && grid_first() == 0) *start = counter;
  for (std::int64_t block = grid_first(); 4 * block < n; block += grid_stride())
    f(philox(static_cast<std::uint64_t>(counter + block), source.key), 4 * block, n);
  if (moved_by == MovedBy::nobody) return;
  const std::int64_t moved = counter + ceil_div<std::int64_t>(n, 4);
  if (moved_by == MovedBy::the_cluster) {
    cluster_sync();
    if (blockIdx.x == 0 && threadIdx.x == 0) *source.counter = moved;
    return;
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  __threadfence();
  const auto before = atomicAdd(reinterpret_cast<unsigned long long*>(source.counter),
                                static_cast<unsigned long long>(one_block));
  if (before >> counter_bits == gridDim.x - 1) *source.counter = moved;
}

__global__ void __launch_bounds__(32) advance_kernel(std::int64_t by, std::int64_t* counter) {
  if (threadIdx.x == 0) *counter += by;
}

template <class F>
void run(Stream& stream, std::int64_t n, RandomSource source, F f, std::int64_t* start = nullptr) {
  constexpr unsigned most_blocks = 8;
  constexpr std::int64_t most_per_thread = 4;  // blocks of Philox; more are worth the whole device
  if (n <= 0) return;
  const std::int64_t philox_blocks = ceil_div<std::int64_t>(n, 4);
  const unsigned together = has_clusters(stream) ? most_blocks : 1;
  if (philox_blocks <= std::int64_t{together} * threads * most_per_thread) {
    unsigned blocks = 1;
    while (blocks < together && philox_blocks > std::int64_t{blocks} * threads) blocks *= 2;
    return launch_clusters(stream, blocks, blocks, threads, 0, draw<F>, n, source, f,
                           MovedBy::the_cluster, start);
  }
  launch(stream, grid_for(philox_blocks, threads), threads, 0, draw<F>, n, source, f,
         MovedBy::the_last_block, start);
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

/// y = activation(x) mask or, of gradients, gy mask activation'(x).
struct Drop {
  DropoutShape s;
  bool gradient;
  const float *x, *gy;  ///< gy: of gradients alone
  float* y;
  bool vectors;  ///< all are aligned for them

  __device__ float kept(std::uint32_t word) const {
    return unit_float(word) < s.keep ? 1.0f / s.keep : 0.0f;
  }
  __device__ float value(float at, float g, std::uint32_t word) const {
    if (gradient) return g * kept(word) * functor::leaky_relu_slope(at, s.slope);
    return functor::leaky_relu(at, s.slope) * kept(word);
  }
  __device__ void operator()(const Philox4& words, std::int64_t first, std::int64_t n) const {
    if (vectors && first + 4 <= n) {
      const float4 at = load4(x + first);
      const float4 g = gradient ? load4(gy + first) : at;
      return store4(y + first,
                    make_float4(value(at.x, g.x, words.v[0]), value(at.y, g.y, words.v[1]),
                                value(at.z, g.z, words.v[2]), value(at.w, g.w, words.v[3])));
    }
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (first + j < n)
        y[first + j] = value(x[first + j], gradient ? gy[first + j] : 0.0f, words.v[j]);
  }
};
/// Without an activation the slope is 1, and any x will do for its sign.
Drop drop(DropoutShape s, bool gradient, const float* x, const float* gy, float* y) {
  if (s.activation == Activation::none) s.slope = 1.0f;
  if (!x) x = gy;
  return {s, gradient, x, gy, y, aligned16(x) && aligned16(gy) && aligned16(y)};
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

void dropout(Stream& stream, const DropoutShape& s, RandomSource source, const float* x, float* y,
             std::int64_t* start) {
  run(stream, s.n, source, drop(s, false, x, nullptr, y), start);
}

void dropout_grad(Stream& stream, const DropoutShape& s, std::uint64_t key,
                  const std::int64_t* start, const float* x, const float* gy, float* gx) {
  if (s.n <= 0) return;
  const RandomSource repeated{key, const_cast<std::int64_t*>(start)};  // which is not moved on
  launch(stream, grid_for(ceil_div<std::int64_t>(s.n, 4), threads), threads, 0, draw<Drop>, s.n,
         repeated, drop(s, true, x, gy, gx), MovedBy::nobody, nullptr);
}

void advance(Stream& stream, std::int64_t by, std::int64_t* counter) {
  launch(stream, 1, 32, 0, advance_kernel, by, counter);
}

}  // namespace ganymede::kernels::cuda
