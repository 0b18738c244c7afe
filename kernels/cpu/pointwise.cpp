#include <ganymede/kernels/cpu/elementary.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/pointwise.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ganymede::kernels::cpu {
namespace {

// y[i] = op(x[i]...), cut into contiguous parts. y may be one of x: each element is read before it
// is written.
template <class Op, class... X>
void map(std::int64_t n, const Op& op, float* y, const X*... x) {
  parallel_for(n, grain_elements, [&](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) y[i] = op(x[i]...);
  });
}

// The first as many terms as the pack has, all read in one pass.
template <std::size_t... I>
void add_first(std::int64_t n, std::span<const float* const> terms, float slope, const float* gate,
               float* y, std::index_sequence<I...>) {
  if (!gate)
    return map(
        n, [=](auto... v) { return functor::leaky_relu((... + v), slope); }, y, terms[I]...);
  const auto gated = [=](float at, auto... v) {
    return (... + v) * functor::leaky_relu_slope(at, slope);
  };
  map(n, gated, y, gate, terms[I]...);
}

template <std::size_t... I>
void add_as_many(std::int64_t n, std::span<const float* const> terms, float slope,
                 const float* gate, float* y, std::index_sequence<I...>) {
  const auto one = [&](auto count) {
    if (terms.size() == count)
      add_first(n, terms, slope, gate, y, std::make_index_sequence<decltype(count)::value>());
  };
  (one(std::integral_constant<std::size_t, I + 1>()), ...);
}

}  // namespace

void fill(Stream&, std::int64_t n, float value, float* y) {
  parallel_for(n, grain_elements,
               [&](std::int64_t begin, std::int64_t end) { std::fill(y + begin, y + end, value); });
}

void affine(Stream&, std::int64_t n, const float* x, float a, float b, float* y) {
  map(
      n, [=](float v) { return a * v + b; }, y, x);
}
void exp(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return std::exp(v); }, y, x);
}
void log(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return std::log(v); }, y, x);
}
void sqrt(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return std::sqrt(v); }, y, x);
}
void abs(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return std::fabs(v); }, y, x);
}
void sign(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return functor::sign(v); }, y, x);
}
void tanh(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return tanh_of(v); }, y, x);
}
void sigmoid(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return sigmoid_of(v); }, y, x);
}
void softplus(Stream&, std::int64_t n, const float* x, float* y) {
  map(
      n, [](float v) { return functor::softplus(v); }, y, x);
}
void power(Stream&, std::int64_t n, const float* x, float a, float* y) {
  map(
      n, [=](float v) { return std::pow(v, a); }, y, x);
}
void leaky_relu(Stream&, std::int64_t n, const float* x, float slope, float* y) {
  map(
      n, [=](float v) { return functor::leaky_relu(v, slope); }, y, x);
}
void clamp(Stream&, std::int64_t n, const float* x, float low, float high, float* y) {
  map(
      n, [=](float v) { return functor::clamp(v, low, high); }, y, x);
}
void inside(Stream&, std::int64_t n, const float* x, float low, float high, float* y) {
  map(
      n, [=](float v) { return v >= low && v <= high ? 1.0f : 0.0f; }, y, x);
}

void add(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float a, float b) { return a + b; }, y, x, z);
}
void sub(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float a, float b) { return a - b; }, y, x, z);
}
void mul(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float a, float b) { return a * b; }, y, x, z);
}
void div(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float a, float b) { return a / b; }, y, x, z);
}
void tanh_grad(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float value, float g) { return g * (1.0f - value * value); }, y, x, z);
}
void sigmoid_grad(Stream&, std::int64_t n, const float* x, const float* z, float* y) {
  map(
      n, [](float value, float g) { return g * value * (1.0f - value); }, y, x, z);
}
void leaky_relu_grad(Stream&, std::int64_t n, const float* x, const float* z, float slope,
                     float* y) {
  // Not v > 0 ? g : slope * g: a product on one side alone keeps the loop scalar.
  map(
      n, [=](float v, float g) { return functor::leaky_relu_slope(v, slope) * g; }, y, x, z);
}
void combine(Stream&, std::int64_t n, const float* x, const float* z, float a, float b, float* y) {
  map(
      n, [=](float u, float v) { return a * u + b * v; }, y, x, z);
}

void add_all(Stream&, std::int64_t n, std::span<const float* const> terms, float slope,
             const float* gate, float* y) {
  add_as_many(n, terms, slope, gate, y, std::make_index_sequence<most_terms>());
}

void accumulate(Stream&, std::span<const ScalarSum> sums) {
  for (const ScalarSum& sum : sums) *sum.to += *sum.from;
}

}  // namespace ganymede::kernels::cpu
