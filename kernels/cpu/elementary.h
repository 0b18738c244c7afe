#pragma once
// Exponential, hyperbolic tangent and logistic function without a call or a branch, so that loops
// over them vectorise. A NaN stays one.

#include <bit>
#include <cmath>
#include <cstdint>

namespace ganymede::kernels::cpu {

/// exp(x), relative error below 2 eps for x in [-87, 88], 0 below: x = n log 2 + r with n an
/// integer, Taylor's polynomial for exp(r), |r| <= log(2) / 2, and 2^n by the exponent's bits.
inline float exp_of(float x) {
  constexpr float lowest = -87.0f, rounder = 0x1.8p23f;  // adding it rounds to an integer
  // The high part has 15 bits: n times it is exact.
  constexpr float log2_high = 0x1.62e4p-1f, log2_low = 0x1.7f7d1cp-20f;
  const float in = x < lowest ? lowest : x;
  const float shifted = in * 0x1.715476p0f + rounder, n = shifted - rounder;
  const float r = (in - n * log2_high) - n * log2_low;
  float y = r * (1.0f / 5040.0f) + 1.0f / 720.0f;
  y = y * r + 1.0f / 120.0f;
  y = y * r + 1.0f / 24.0f;
  y = y * r + 1.0f / 6.0f;
  y = y * r + 0.5f;
  y = y * r + 1.0f;
  y = y * r + 1.0f;
  const auto bits = std::bit_cast<std::uint32_t>(shifted) << 23;
  const float two_to_n = std::bit_cast<float>(bits + 0x3f800000u);
  return x < lowest ? 0.0f : y * two_to_n;
}

/// tanh(x), relative error below 5 eps: (1 - e^-2|x|) / (1 + e^-2|x|) with x's sign, and near 0,
/// where the numerator cancels, Taylor's polynomial.
inline float tanh_of(float x) {
  constexpr float near = 0.35f;
  const float square = x * x;
  float y = square * (-1382.0f / 155925.0f) + 62.0f / 2835.0f;
  y = y * square - 17.0f / 315.0f;
  y = y * square + 2.0f / 15.0f;
  y = y * square - 1.0f / 3.0f;
  const float small = x + x * (square * y);
  const float e = exp_of(-2.0f * std::fabs(x));
  const float large = std::copysign((1.0f - e) / (1.0f + e), x);
  return std::fabs(x) < near ? small : large;
}

/// 1 / (1 + e^-x), relative error below 5 eps for x > -87, 0 below.
inline float sigmoid_of(float x) {
  const float e = exp_of(-std::fabs(x)), y = 1.0f / (1.0f + e);
  return x < 0.0f ? e * y : y;
}

}  // namespace ganymede::kernels::cpu
