#pragma once
// Multi-tensor optimiser steps: one launch for all parameters. What changes from step to step
// (learning rate, step count) lives on the device, so that a captured graph does not freeze it.

#include <cstdint>
#include <span>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// One parameter tensor of n elements. first and second are the optimiser's state, null where
/// unused.
struct ParameterSlot {
  float* value;
  const float* grad;
  float* first;
  float* second;
  std::int64_t n;
};

struct AdamOptions {
  float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  float weight_decay = 0.0f;  ///< added to the gradient (L2)
};
/// Kingma & Ba 2015, algorithm 1: w -= lr m^ / (sqrt(v^) + epsilon), with bias-corrected m^, v^ for
/// step *steps + 1; *steps, below 2^31, is the number of steps done and goes up by one.
using Adam = void(Stream&, std::span<const ParameterSlot>, const AdamOptions&, const float* lr,
                  std::int64_t* steps);

struct RmsPropOptions {
  float rho = 0.99f, epsilon = 1e-8f, weight_decay = 0.0f;
};
/// v = rho v + (1-rho) g^2; w -= lr g / (sqrt(v) + epsilon), as PyTorch. Uses `second`.
using RmsProp = void(Stream&, std::span<const ParameterSlot>, const RmsPropOptions&,
                     const float* lr);

struct SgdOptions {
  float momentum = 0.0f, weight_decay = 0.0f;
  bool nesterov = false;
};
/// m = momentum m + g; w -= lr m (nesterov: lr (g + momentum m)). `first` may be null without
/// momentum.
using Sgd = void(Stream&, std::span<const ParameterSlot>, const SgdOptions&, const float* lr);

/// first += (1 - decay) (value - first): exponential moving average of the values. *decay on
/// device.
using Ema = void(Stream&, std::span<const ParameterSlot>, const float* decay);
/// value = min(max(value, -bound), bound)
using Clip = void(Stream&, std::span<const ParameterSlot>, float bound);

namespace cpu {
Adam adam;
RmsProp rmsprop;
Sgd sgd;
Ema ema;
Clip clip;
}  // namespace cpu
namespace cuda {
Adam adam;
RmsProp rmsprop;
Sgd sgd;
Ema ema;
Clip clip;
}  // namespace cuda

inline constexpr Kernel<Adam, cpu::adam, cuda::adam> adam;
inline constexpr Kernel<RmsProp, cpu::rmsprop, cuda::rmsprop> rmsprop;
inline constexpr Kernel<Sgd, cpu::sgd, cuda::sgd> sgd;
inline constexpr Kernel<Ema, cpu::ema, cuda::ema> ema;
inline constexpr Kernel<Clip, cpu::clip, cuda::clip> clip;

}  // namespace ganymede::kernels
