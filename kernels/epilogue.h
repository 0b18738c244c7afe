#pragma once

#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

/// What happens to an output of conv or gemm on its way to memory: y = activation(y + bias), per
/// channel (last axis). Statistics are of y + bias, before the activation.
struct Epilogue {
  const float* bias = nullptr;  ///< [channels]
  Activation activation = Activation::none;
  float slope = 0.0f;
  float* mean = nullptr;      ///< [channels]; both or neither of mean and variance
  float* variance = nullptr;  ///< [channels], biased (divided by the count)
};

/// What happens to the input of a conv on its way in: x' = activation(x * scale + shift) per input
/// channel: the previous normalisation, not materialised. Zero padding stays zero.
struct Prologue {
  const float* scale = nullptr;  ///< [channels]; null: no prologue
  const float* shift = nullptr;
  Activation activation = Activation::none;
  float slope = 0.0f;
};

}  // namespace ganymede::kernels
