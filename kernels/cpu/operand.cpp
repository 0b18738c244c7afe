#include <ganymede/kernels/cpu/elementary.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/round.h>
#include <ganymede/kernels/cpu/statistics.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

void activate_run(std::int64_t n, Activation activation, float slope, float* y) {
  switch (activation) {
    case Activation::none:
      return;
    case Activation::leaky_relu:
#pragma omp simd
      for (std::int64_t i = 0; i < n; ++i) y[i] = functor::leaky_relu(y[i], slope);
      return;
    case Activation::tanh:
#pragma omp simd
      for (std::int64_t i = 0; i < n; ++i) y[i] = tanh_of(y[i]);
      return;
    case Activation::sigmoid:
#pragma omp simd
      for (std::int64_t i = 0; i < n; ++i) y[i] = sigmoid_of(y[i]);
      return;
  }
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
  const std::int64_t total = rows * channels;
  // Pieces are whole rows where these are narrow, so that an image of one channel is long loops
  // too; wide rows (a dense layer's 32,768 channels) are cut.
  constexpr std::int64_t piece = 4096;
  const std::int64_t line = channels * std::max<std::int64_t>(1, std::min(piece / channels, rows));
  const std::int64_t pieces = (line + piece - 1) / piece;
  const float* bias = biased ? nullptr : e.bias;
  Workspace repeated;  // of the bias, once for each row of a line
  if (bias && line > channels) {
    repeated = workspace(stream, line);
    auto* to = static_cast<float*>(repeated.data());
    for (std::int64_t i = 0; i < line; i += channels) std::copy_n(bias, channels, to + i);
    bias = to;
  }
  const auto pass = [&](const float* add, Activation activation) {
    if (!add && activation == Activation::none) return;
    const std::int64_t lines = (total + line - 1) / line;
    parallel_for(lines * pieces, row_grain(line), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t first = i % pieces * piece, at = i / pieces * line + first;
        const std::int64_t n = std::min({piece, line - first, total - at});
        float* to = y + at;
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
