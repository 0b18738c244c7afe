// Layer norm: samples are independent, so threads share them; sums within a sample are in double.
// Backward, with h = gy gamma: gx = inv_std (h - mean(h) - x^ mean(h x^)).

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/norm.h>

#include <algorithm>
#include <cmath>

namespace ganymede::kernels::cpu {
namespace {

// Sum of value(j) over [0, n) in double, eight running sums so that the loop vectorises.
template <class Value>
double wide_sum(std::int64_t n, const Value& value) {
  constexpr int width = 8;
  double sum[width] = {};
  std::int64_t j = 0;
  for (; j + width <= n; j += width) {
#pragma omp simd
    for (int lane = 0; lane < width; ++lane) sum[lane] += value(j + lane);
  }
  for (; j < n; ++j) sum[0] += value(j);
  double total = 0.0;
  for (double part : sum) total += part;
  return total;
}

// Calls body(first element, channels) for the runs of a sample that gamma[0..channels) covers.
template <class Body>
void for_pixels(const LayerNormShape& s, const Body& body) {
  for (std::int64_t at = 0; at < s.width; at += s.channels)
    body(at, std::min(s.channels, s.width - at));
}

void normalise_sample(const LayerNormShape& s, const float* x, const float* gamma,
                      const float* beta, float* y, float& mean, float& inv_std) {
  const double average =
      wide_sum(s.width, [&](std::int64_t j) { return double{x[j]}; }) / double(s.width);
  const double variance = wide_sum(s.width,
                                   [&](std::int64_t j) {
                                     const double d = double{x[j]} - average;
                                     return d * d;
                                   }) /
                          double(s.width);
  const float m = mean = static_cast<float>(average);
  const float r = inv_std = static_cast<float>(1.0 / std::sqrt(variance + double{s.epsilon}));
  for_pixels(s, [&](std::int64_t at, std::int64_t channels) {
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c)
      y[at + c] = (x[at + c] - m) * r * (gamma ? gamma[c] : 1.0f) + (beta ? beta[c] : 0.0f);
  });
}

void sample_grad(const LayerNormShape& s, const float* x, const float* gamma, float mean,
                 float inv_std, const float* gy, float* gx) {
  double sum = 0.0, product = 0.0;
  for_pixels(s, [&](std::int64_t at, std::int64_t channels) {
    const auto h = [&](std::int64_t c) {
      return double{gy[at + c]} * (gamma ? double{gamma[c]} : 1.0);
    };
    sum += wide_sum(channels, h);
    product += wide_sum(channels,
                        [&](std::int64_t c) { return h(c) * (double{x[at + c]} - double{mean}); });
  });
  const auto average = static_cast<float>(sum / double(s.width));
  const auto along = static_cast<float>(product * double{inv_std} / double(s.width));
  for_pixels(s, [&](std::int64_t at, std::int64_t channels) {
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) {
      const float h = gy[at + c] * (gamma ? gamma[c] : 1.0f);
      gx[at + c] = inv_std * (h - average - (x[at + c] - mean) * inv_std * along);
    }
  });
}

// Sums of gy and gy x^ over the pixels of one sample, per channel.
void channel_sums(const LayerNormShape& s, const float* x, float mean, float inv_std,
                  const float* gy, double* ggamma, double* gbeta) {
  std::fill_n(ggamma, s.channels, 0.0);
  std::fill_n(gbeta, s.channels, 0.0);
  for_pixels(s, [&](std::int64_t at, std::int64_t channels) {
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c) {
      ggamma[c] += double{gy[at + c]} * double{(x[at + c] - mean) * inv_std};
      gbeta[c] += double{gy[at + c]};
    }
  });
}

}  // namespace

void layer_norm(Stream&, const LayerNormShape& s, const float* x, const float* gamma,
                const float* beta, float* y, float* mean, float* inv_std) {
  parallel_for(s.rows, row_grain(4 * s.width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      normalise_sample(s, x + i * s.width, gamma, beta, y + i * s.width, mean[i], inv_std[i]);
  });
}

void layer_norm_grad(Stream& stream, const LayerNormShape& s, const float* x, const float* gamma,
                     const float* mean, const float* inv_std, const float* gy, float* gx,
                     float* ggamma, float* gbeta) {
  const bool wants_channels = ggamma || gbeta;
  const Block block = allocate(
      stream,
      wants_channels ? static_cast<std::size_t>(2 * s.rows * s.channels) * sizeof(double) : 0);
  auto* partial = static_cast<double*>(block.data());
  parallel_for(s.rows, row_grain(4 * s.width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t at = i * s.width;
      double* sums = partial + 2 * i * s.channels;
      // Before gx is written: it may stand in gy's place.
      if (wants_channels)
        channel_sums(s, x + at, mean[i], inv_std[i], gy + at, sums, sums + s.channels);
      if (gx) sample_grad(s, x + at, gamma, mean[i], inv_std[i], gy + at, gx + at);
    }
  });
  const auto total = [&](float* to, std::int64_t offset) {
    for (std::int64_t c = 0; to && c < s.channels; ++c) {
      double sum = 0.0;
      for (std::int64_t i = 0; i < s.rows; ++i) sum += partial[2 * i * s.channels + offset + c];
      to[c] = static_cast<float>(sum);
    }
  };
  total(ggamma, 0);
  total(gbeta, s.channels);
}

}  // namespace ganymede::kernels::cpu
