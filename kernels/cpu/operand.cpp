#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/round.h>
#include <ganymede/kernels/cpu/statistics.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

void activate_run(std::int64_t n, Activation activation, float slope, float* y) {
  if (activation == Activation::none) return;
  if (activation == Activation::leaky_relu) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = functor::leaky_relu(y[i], slope);
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) y[i] = functor::activate(y[i], activation, slope);
}

void prepare_row(std::int64_t channels, const float* x, const Prologue& p, int bits, float* y) {
  if (p.scale) {
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) y[c] = x[c] * p.scale[c] + p.shift[c];
    activate_run(channels, p.activation, p.slope, y);
  } else {
    std::copy_n(x, channels, y);
  }
  if (bits == 0) return;
#pragma omp simd
  for (std::int64_t c = 0; c < channels; ++c) y[c] = round_mantissa(y[c], bits);
}

}  // namespace

Operand prepare(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                const float* x, const Prologue& prologue) {
  const int bits = dropped_bits(stream.math_mode());
  const bool dense = stride == channels || rows == 1;
  if (dense && !prologue.scale && bits == 0) return {{}, x};
  Operand operand{workspace(stream, rows * channels), nullptr};
  auto* to = static_cast<float*>(operand.block.data());
  operand.data = to;
  parallel_for(rows, row_grain(channels), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      prepare_row(channels, x + row * stride, prologue, bits, to + row * channels);
  });
  return operand;
}

void finish(Stream& stream, std::int64_t rows, std::int64_t channels, float* y, const Epilogue& e,
            bool biased) {
  const float* bias = biased ? nullptr : e.bias;
  const auto pass = [&](const float* add, Activation activation) {
    if (!add && activation == Activation::none) return;
    // Wide rows (a dense layer's) are cut too.
    const std::int64_t piece = std::min<std::int64_t>(channels, 4096);
    const std::int64_t pieces = (channels + piece - 1) / piece;
    parallel_for(rows * pieces, row_grain(piece), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t first = i % pieces * piece, n = std::min(piece, channels - first);
        float* to = y + i / pieces * channels + first;
        if (add) {
#pragma omp simd
          for (std::int64_t c = 0; c < n; ++c) to[c] += add[first + c];
        }
        activate_run(n, activation, e.slope, to);
      }
    });
  };
  if (!e.mean) return pass(bias, e.activation);
  pass(bias, Activation::none);
  column_statistics(stream, rows, channels, y, e.mean, e.variance);
  pass(nullptr, e.activation);
}

}  // namespace ganymede::kernels::cpu
