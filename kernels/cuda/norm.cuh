#pragma once
// What the kernels of batch norm share: a channel's constants, the mask, the sums of the gradient.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/norm.h>

namespace ganymede::kernels::cuda {

/// What batch norm does to channel c: pre = xhat gamma + beta with xhat = (x - mean) inv_std.
struct Channel {
  float mean, inv_std, gamma, beta;
};
__device__ inline Channel channel_of(const BatchNormShape& s, const float* gamma, const float* beta,
                                     const float* mean, const float* variance, std::int64_t c) {
  return {mean[c], 1.0f / std::sqrt(variance[c] + s.epsilon), gamma ? gamma[c] : 1.0f,
          beta ? beta[c] : 0.0f};
}
/// A gradient by the mask of the activation, which is recomputed.
__device__ inline float masked(const BatchNormShape& s, const Channel& c, float xhat, float g) {
  if (s.activation != Activation::leaky_relu) return g;
  return g * functor::leaky_relu_slope(c.gamma * xhat + c.beta, s.slope);
}

/// The two sums a normalisation's backward needs.
struct GradSums {
  float gy, gy_xhat;
};
struct GradSumsOp {
  using State = GradSums;
  static constexpr int unroll = 4;
  __device__ static State empty() { return {0.0f, 0.0f}; }
  __device__ static void merge(State& a, const State& b) {
    a.gy += b.gy;
    a.gy_xhat += b.gy_xhat;
  }
};

/// Where batch norm's sums go: to the caller's arrays, and those that nobody wants to memory of our
/// own, since gx needs them.
struct GradSumsTarget {
  Block own;
  float *ggamma, *gbeta;

  GradSumsTarget(Stream& stream, std::int64_t channels, float* wanted_ggamma, float* wanted_gbeta)
      : ggamma(wanted_ggamma), gbeta(wanted_gbeta) {
    if (ggamma && gbeta) return;
    own = allocate(stream, 2 * sizeof(float) * static_cast<std::size_t>(channels));
    if (!ggamma) ggamma = static_cast<float*>(own.data());
    if (!gbeta) gbeta = static_cast<float*>(own.data()) + channels;
  }
};

}  // namespace ganymede::kernels::cuda
