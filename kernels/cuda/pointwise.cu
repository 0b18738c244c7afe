// Elementwise kernels: y[i] = f(x[i]) or f(x[i], z[i]).
// A thread owns four neighbouring elements and moves them as float4 where the pointers allow it;
// blocks stride over the array. These are bound by memory: the grid only has to fill the device.

#include <algorithm>

#include <ganymede/kernels/pointwise.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// Nullary, unary and binary functors get what they can take.
template <class F>
__device__ float call(const F& f, float x, float z) {
  if constexpr (std::is_invocable_v<F, float, float>) {
    return f(x, z);
  } else {
    return f(x);
  }
}

template <class F>
__global__ void __launch_bounds__(threads)
    map(std::int64_t n, const float* x, const float* z, float* y, F f, bool vector) {
  constexpr bool binary = std::is_invocable_v<F, float, float>;
  const std::int64_t quads = vector ? n / 4 : 0;
  for (std::int64_t i = grid_first(); i < quads; i += grid_stride()) {
    const float4 a = load4(x + 4 * i);
    const float4 b = binary ? load4(z + 4 * i) : a;
    store4(y + 4 * i,
           make_float4(call(f, a.x, b.x), call(f, a.y, b.y), call(f, a.z, b.z), call(f, a.w, b.w)));
  }
  for (std::int64_t i = 4 * quads + grid_first(); i < n; i += grid_stride())
    y[i] = call(f, x[i], binary ? z[i] : 0.0f);
}

template <class F>
void run(Stream& stream, std::int64_t n, const float* x, const float* z, float* y, F f) {
  if (n <= 0) return;
  const bool vector = aligned16(x) && aligned16(y) && (!z || aligned16(z));
  launch(stream, grid_for(ceil_div<std::int64_t>(n, vector ? 4 : 1), threads), threads, 0, map<F>,
         n, x, z, y, f, vector);
}

__global__ void __launch_bounds__(threads) fill_kernel(std::int64_t n, float value, float* y) {
  for (std::int64_t i = grid_first(); i < n; i += grid_stride()) y[i] = value;
}

/// By value, as ScalarSums.
struct Terms {
  const float* at[most_terms];
  int count;
};
__device__ inline float4 operator+(float4 a, float4 b) {
  return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}
/// What becomes of a sum: leaky_relu of it, or it times the derivative at the gate.
__device__ inline float finish(float sum, float slope, bool gated, float gate) {
  return gated ? sum * functor::leaky_relu_slope(gate, slope) : functor::leaky_relu(sum, slope);
}
/// `vector` as in map.
__global__ void __launch_bounds__(threads)
    add_all_kernel(std::int64_t n, const __grid_constant__ Terms terms, float slope,
                   const float* gate, float* y, bool vector) {
  const std::int64_t quads = vector ? n / 4 : 0;
  for (std::int64_t i = grid_first(); i < quads; i += grid_stride()) {
    float4 sum = load4(terms.at[0] + 4 * i);
#pragma unroll
    for (int k = 1; k < static_cast<int>(most_terms); ++k)
      if (k < terms.count) sum = sum + load4(terms.at[k] + 4 * i);
    const float4 at = gate ? load4(gate + 4 * i) : sum;
    store4(y + 4 * i,
           make_float4(finish(sum.x, slope, gate, at.x), finish(sum.y, slope, gate, at.y),
                       finish(sum.z, slope, gate, at.z), finish(sum.w, slope, gate, at.w)));
  }
  for (std::int64_t i = 4 * quads + grid_first(); i < n; i += grid_stride()) {
    float sum = terms.at[0][i];
#pragma unroll
    for (int k = 1; k < static_cast<int>(most_terms); ++k)
      if (k < terms.count) sum += terms.at[k][i];
    y[i] = finish(sum, slope, gate, gate ? gate[i] : 0.0f);
  }
}

/// By value in the kernel's parameters, so that nothing is uploaded and a captured graph keeps
/// them.
struct ScalarSums {
  static constexpr int most = 64;
  ScalarSum sum[most];
  int count;
};
__global__ void __launch_bounds__(ScalarSums::most)
    accumulate_kernel(const __grid_constant__ ScalarSums sums) {
  const int i = static_cast<int>(threadIdx.x);
  if (i < sums.count) *sums.sum[i].to += *sums.sum[i].from;
}

// Functors are named types, so that profilers and the emulator's messages can name the kernel.
struct Affine {
  float a, b;
  __device__ float operator()(float x) const { return a * x + b; }
};
struct Exp {
  __device__ float operator()(float x) const { return std::exp(x); }
};
struct Log {
  __device__ float operator()(float x) const { return std::log(x); }
};
struct Sqrt {
  __device__ float operator()(float x) const { return std::sqrt(x); }
};
struct Abs {
  __device__ float operator()(float x) const { return std::fabs(x); }
};
struct Sign {
  __device__ float operator()(float x) const { return functor::sign(x); }
};
struct Tanh {
  __device__ float operator()(float x) const { return std::tanh(x); }
};
struct Sigmoid {
  __device__ float operator()(float x) const { return functor::sigmoid(x); }
};
struct Softplus {
  __device__ float operator()(float x) const { return functor::softplus(x); }
};
struct Power {
  float a;
  __device__ float operator()(float x) const { return std::pow(x, a); }
};
struct LeakyRelu {
  float slope;
  __device__ float operator()(float x) const { return functor::leaky_relu(x, slope); }
};
struct Clamp {
  float low, high;
  __device__ float operator()(float x) const { return functor::clamp(x, low, high); }
};
struct Inside {
  float low, high;
  __device__ float operator()(float x) const { return x >= low && x <= high ? 1.0f : 0.0f; }
};
struct Add {
  __device__ float operator()(float x, float z) const { return x + z; }
};
struct Sub {
  __device__ float operator()(float x, float z) const { return x - z; }
};
struct Mul {
  __device__ float operator()(float x, float z) const { return x * z; }
};
struct Div {
  __device__ float operator()(float x, float z) const { return x / z; }
};
struct TanhGrad {
  __device__ float operator()(float x, float z) const { return z * (1.0f - x * x); }
};
struct SigmoidGrad {
  __device__ float operator()(float x, float z) const { return z * x * (1.0f - x); }
};
struct LeakyReluGrad {
  float slope;
  __device__ float operator()(float x, float z) const {
    return z * functor::leaky_relu_slope(x, slope);
  }
};
struct Combine {
  float a, b;
  __device__ float operator()(float x, float z) const { return a * x + b * z; }
};

}  // namespace

void fill(Stream& stream, std::int64_t n, float value, float* y) {
  if (n > 0) launch(stream, grid_for(n, threads), threads, 0, fill_kernel, n, value, y);
}

void add_all(Stream& stream, std::int64_t n, std::span<const float* const> terms, float slope,
             const float* gate, float* y) {
  if (n <= 0) return;
  Terms list{};
  list.count = static_cast<int>(terms.size());
  std::copy(terms.begin(), terms.end(), list.at);
  const bool vector =
      aligned16(y) && aligned16(gate) &&
      std::all_of(terms.begin(), terms.end(), [](const float* x) { return aligned16(x); });
  launch(stream, grid_for(ceil_div<std::int64_t>(n, vector ? 4 : 1), threads), threads, 0,
         add_all_kernel, n, list, slope, gate, y, vector);
}

void accumulate(Stream& stream, std::span<const ScalarSum> sums) {
  while (!sums.empty()) {
    ScalarSums some{};
    some.count = static_cast<int>(std::min<std::size_t>(sums.size(), ScalarSums::most));
    std::copy_n(sums.begin(), some.count, some.sum);
    launch(stream, 1, ScalarSums::most, 0, accumulate_kernel, some);
    sums = sums.subspan(static_cast<std::size_t>(some.count));
  }
}

void affine(Stream& stream, std::int64_t n, const float* x, float a, float b, float* y) {
  run(stream, n, x, nullptr, y, Affine{a, b});
}
void exp(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Exp{});
}
void log(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Log{});
}
void sqrt(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Sqrt{});
}
void abs(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Abs{});
}
void sign(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Sign{});
}
void tanh(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Tanh{});
}
void sigmoid(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Sigmoid{});
}
void softplus(Stream& stream, std::int64_t n, const float* x, float* y) {
  run(stream, n, x, nullptr, y, Softplus{});
}
void power(Stream& stream, std::int64_t n, const float* x, float a, float* y) {
  run(stream, n, x, nullptr, y, Power{a});
}
void leaky_relu(Stream& stream, std::int64_t n, const float* x, float a, float* y) {
  run(stream, n, x, nullptr, y, LeakyRelu{a});
}
void clamp(Stream& stream, std::int64_t n, const float* x, float a, float b, float* y) {
  run(stream, n, x, nullptr, y, Clamp{a, b});
}
void inside(Stream& stream, std::int64_t n, const float* x, float a, float b, float* y) {
  run(stream, n, x, nullptr, y, Inside{a, b});
}
void add(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, Add{});
}
void sub(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, Sub{});
}
void mul(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, Mul{});
}
void div(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, Div{});
}
void tanh_grad(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, TanhGrad{});
}
void sigmoid_grad(Stream& stream, std::int64_t n, const float* x, const float* z, float* y) {
  run(stream, n, x, z, y, SigmoidGrad{});
}
void leaky_relu_grad(Stream& stream, std::int64_t n, const float* x, const float* z, float a,
                     float* y) {
  run(stream, n, x, z, y, LeakyReluGrad{a});
}
void combine(Stream& stream, std::int64_t n, const float* x, const float* z, float a, float b,
             float* y) {
  run(stream, n, x, z, y, Combine{a, b});
}

}  // namespace ganymede::kernels::cuda
