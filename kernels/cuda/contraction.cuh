#pragma once
// What gemm and the convolutions share beside the tiled product: how a problem is cut, operand
// rounding, and the way of an output to memory.

#include <ganymede/kernels/epilogue.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

/// Tile and splits for a product on the stream: its device, math mode and table decide.
ProductPlan plan_on(Stream&, const Product&);

int multiprocessors(Stream&);  ///< of the stream's device
/// Whether the stream's products run on tensor cores.
bool on_tensor_cores(Stream&);

/// `n` as int. Throws ShapeError: a tiled product counts rows, columns and depth in 31 bits.
int checked_extent(std::int64_t n, const char* op);

__device__ inline float rounded(float v, MathMode mode) {
  return mode == MathMode::tf32 ? round_tf32(v) : mode == MathMode::bf16 ? round_bf16(v) : v;
}
__device__ inline float4 rounded(float4 v, MathMode mode) {
  if (mode == MathMode::fp32) return v;
  return make_float4(rounded(v.x, mode), rounded(v.y, mode), rounded(v.z, mode),
                     rounded(v.w, mode));
}

/// activation(v + bias[channel])
struct Finish {
  const float* bias = nullptr;
  Activation activation = Activation::none;
  float slope = 0.0f;

  /// Only leaky_relu or none: 64 inlined tanh per thread would cost more than a pass of their own.
  __device__ float cheap(float v, int channel) const {
    if (bias) v += __ldg(bias + channel);
    return activation == Activation::leaky_relu ? functor::leaky_relu(v, slope) : v;
  }
  __device__ float full(float v, int channel) const {
    return functor::activate(bias ? v + __ldg(bias + channel) : v, activation, slope);
  }
};

/// The part of an epilogue that the tiled product (`thin` false) or an element-per-thread kernel
/// applies itself. With statistics the activation has to wait for them.
Finish fused_part(const Epilogue&, bool thin);
/// The rest: statistics of y, then the activation where it was not fused.
void complete(Stream&, const Epilogue&, bool thin, std::int64_t rows, std::int64_t channels,
              std::int64_t stride, float* y);

}  // namespace ganymede::kernels::cuda
