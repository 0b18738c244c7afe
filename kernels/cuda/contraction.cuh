#pragma once
// What gemm and the convolutions share beside the tiled product: how a problem is cut, operand
// rounding, and the way of an output to memory.

#include <ganymede/kernels/epilogue.h>
#include <ganymede/kernels/product_plan.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

/// Extents of `z` products of one kind (groups x phases).
struct ProductExtents {
  int m, n, k, z = 1;
};

/// Tile and splits of a product: a pure function of its extents and the device, by a cost model.
ProductPlan plan_product(const ProductExtents&, int multiprocessors);

/// The same on the tensor cores, which have no tall tile; `mode` is tf32 or bf16. `warpgroups`:
/// whether it may choose them.
ProductPlan plan_tensor_product(const ProductExtents&, int multiprocessors, MathMode mode,
                                bool warpgroups);

/// What a product on the stream's tensor cores does, in the stream's mode. The one place that lets
/// warpgroups in: see WarpgroupScope. `for_warpgroups`: whether they can take the problem.
ProductPlan tensor_plan(Stream&, const ProductExtents&, bool for_warpgroups);

/// Multiprocessors of the stream's device; asked once.
int multiprocessors(Stream&);
/// Whether they multiply TF32 and bf16 (sm_80 and newer).
bool tensor_cores(Stream&);

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
