// Random fills. Element i is word i % 4 of Philox block *counter + i / 4: a thread per block, so
// the numbers do not depend on the launch, and a replayed graph sees the advanced counter.

#include <cmath>

#include <ganymede/kernels/random.h>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// f turns the four words of a block into four values.
template <class T, class F>
__global__ void __launch_bounds__(threads) draw(std::int64_t n, RandomSource source, F f, T* y) {
  const auto counter = static_cast<std::uint64_t>(*source.counter);
  for (std::int64_t block = grid_first(); 4 * block < n; block += grid_stride()) {
    T values[4];
    f(philox(counter + static_cast<std::uint64_t>(block), source.key), values);
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (4 * block + j < n) y[4 * block + j] = values[j];
  }
}

template <class T, class F>
void run(Stream& stream, std::int64_t n, RandomSource source, F f, T* y) {
  if (n > 0)
    launch(stream, grid_for(ceil_div<std::int64_t>(n, 4), threads), threads, 0, draw<T, F>, n,
           source, f, y);
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

__global__ void __launch_bounds__(32) advance_kernel(std::int64_t by, std::int64_t* counter) {
  if (threadIdx.x == 0) *counter += by;
}

}  // namespace

void uniform(Stream& stream, std::int64_t n, RandomSource source, float low, float high, float* y) {
  run(stream, n, source, UniformOf{low, high}, y);
}

void normal(Stream& stream, std::int64_t n, RandomSource source, float mean, float deviation,
            float* y) {
  run(stream, n, source, NormalOf{mean, deviation}, y);
}

void bernoulli(Stream& stream, std::int64_t n, RandomSource source, float p, float value,
               float* y) {
  run(stream, n, source, BernoulliOf{p, value}, y);
}

void uniform_index(Stream& stream, std::int64_t n, RandomSource source, std::int32_t bound,
                   std::int32_t* y) {
  run(stream, n, source, IndexOf{bound}, y);
}

void advance(Stream& stream, std::int64_t by, std::int64_t* counter) {
  launch(stream, 1, 32, 0, advance_kernel, by, counter);
}

}  // namespace ganymede::kernels::cuda
