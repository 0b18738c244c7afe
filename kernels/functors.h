#pragma once
// Scalar functions that both backends compile, so that a value means the same on every device.

#include <cmath>
#include <cstdint>

#if defined(__CUDACC__)
#define GANYMEDE_HD __host__ __device__ __forceinline__
#else
#define GANYMEDE_HD inline
#endif

namespace ganymede::kernels {

enum class Activation : std::uint8_t {
  none,
  leaky_relu,
  tanh,
  sigmoid
};  // relu: leaky_relu, slope 0

namespace functor {

/// y = x for x > 0, else slope x. At 0 the slope counts, in value and derivative alike.
GANYMEDE_HD float leaky_relu(float x, float slope) { return x > 0.0f ? x : slope * x; }
GANYMEDE_HD float leaky_relu_slope(float x, float slope) { return x > 0.0f ? 1.0f : slope; }

GANYMEDE_HD float sigmoid(float x) {
  // Two branches: exp never overflows.
  if (x >= 0.0f) return 1.0f / (1.0f + std::exp(-x));
  const float e = std::exp(x);
  return e / (1.0f + e);
}

/// -1, 0 or 1; a NaN stays one.
GANYMEDE_HD float sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }

/// x brought into [low, high]; a NaN stays one, so that it shows.
GANYMEDE_HD float clamp(float x, float low, float high) {
  return x < low ? low : x > high ? high : x;
}

/// log(1 + e^x)
GANYMEDE_HD float softplus(float x) {
  return (x > 0.0f ? x : 0.0f) + std::log1p(std::exp(-std::fabs(x)));
}

GANYMEDE_HD float activate(float x, Activation activation, float slope) {
  switch (activation) {
    case Activation::leaky_relu:
      return leaky_relu(x, slope);
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
    default:
      return x;
  }
}

}  // namespace functor
}  // namespace ganymede::kernels
