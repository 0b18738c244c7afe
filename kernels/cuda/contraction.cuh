#pragma once
// What gemm and the convolutions share beside the tiled product: how a problem is cut, operand
// rounding, and the way of an output to memory.

#include <ganymede/kernels/epilogue.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

/// Tile and splits for a product on the stream: its device, math mode and table decide.
/// `for_warpgroups`: whether they can take its operands.
ProductPlan plan_on(Stream&, const Product&, bool for_warpgroups);

int multiprocessors(Stream&);  ///< of the stream's device
/// Whether the stream's products run on tensor cores.
bool on_tensor_cores(Stream&);

/// Whether the plan's splits are added up by clusters.
bool adds_in_cluster(Stream&, const ProductPlan&);

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

/// Where four neighbours of an operand lie; where not `inside` they are zeros, and nothing is read.
struct Quad {
  const float* at;
  bool inside;
};
__device__ inline float4 load4_or_zeros(const Quad& q) {
  return q.inside ? load4_constant(q.at) : make_float4(0, 0, 0, 0);
}

/// Whether cp.async brings both operands, and no registers are needed for it.
template <class Problem>
inline constexpr bool copies_both = (Problem::direct_a && Problem::direct_b);

/// What a product sums over k on the side: rows of a or columns of b. A bias' gradient is one.
enum class Summed : std::uint8_t { nothing, rows, columns };

/// Such sums of a block: its threads share the `Extent` rows (columns) of its tile.
template <Summed What, int Extent, int Threads>
struct SideSums {
  static constexpr int each = What == Summed::nothing ? 1 : ceil_div(Extent, Threads);
  float sums[each] = {};

  /// Adds a slice: slice(row) gives the sum of a row's values.
  template <class Slice>
  __device__ void add(Slice slice) {
#pragma unroll
    for (int i = 0; i < each; ++i) {
      const int row = static_cast<int>(threadIdx.x) + i * Threads;
      if (row < Extent) sums[i] += slice(row);
    }
  }
  /// To out[row] for the tile's rows that exist; the tile begins at row `first` of `extent`.
  __device__ void write(float* out, int first, int extent) const {
#pragma unroll
    for (int i = 0; i < each; ++i) {
      const int row = static_cast<int>(threadIdx.x) + i * Threads;
      if (row < Extent && first + row < extent) out[first + row] = sums[i];
    }
  }
};

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

/// A lane's two neighbours of c: to their place, or as they are to its row in a partial product.
template <class View>
__device__ void write_pair(const View& view, const Finish& finish, float* row, bool partial,
                           int col, float first, float second) {
  if (col >= view.n) return;
  if (!partial) {
    first = finish.cheap(first, view.channel + col);
    if (col + 1 < view.n) second = finish.cheap(second, view.channel + col + 1);
  }
  if (partial ? view.n % 2 == 0 : view.wide) {
    *reinterpret_cast<float2*>(row + (partial ? col : view.place(col))) =
        make_float2(first, second);
  } else {
    row[partial ? col : view.place(col)] = first;
    if (col + 1 < view.n) row[partial ? col + 1 : view.place(col + 1)] = second;
  }
}

/// The part of an epilogue that the tiled product (`thin` false) or an element-per-thread kernel
/// applies itself. With statistics the activation has to wait for them.
Finish fused_part(const Epilogue&, bool thin);
/// The rest: statistics of y, then the activation where it was not fused.
void complete(Stream&, const Epilogue&, bool thin, std::int64_t rows, std::int64_t channels,
              std::int64_t stride, float* y);

}  // namespace ganymede::kernels::cuda
