#pragma once
// Plain matrices as operands of the tiled product (implicit_gemm.cuh).

#include <cstdint>

#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

/// A matrix in memory as rows of `pitch` f32. `AlongK`: its rows are the product's rows (columns)
/// and run along k; otherwise its rows are k's and run along the product's rows (columns).
template <bool AlongK, bool Wide>
struct Operand {
  const float* data;
  int extent, depth, pitch;

  struct Cursor {
    const float* at;
    int row;
  };
  struct Depth {
    std::int64_t offset;
    bool inside;
  };
  __device__ Cursor cursor(int row) const {
    return {data + static_cast<std::int64_t>(row) * (AlongK ? pitch : 1), row};
  }
  __device__ Depth at_depth(int k) const {
    return {AlongK ? k : static_cast<std::int64_t>(k) * pitch, k < depth};
  }
  __device__ Quad source(const Cursor& c, const Depth& d) const {
    return {c.at + d.offset, c.row < extent && d.inside};
  }
  __device__ float4 load(const Cursor& c, int k) const {
    if constexpr (Wide) return load4_or_zeros(source(c, at_depth(k)));
    const float* p = c.at + at_depth(k).offset;
    const auto one = [&](int i) {
      const bool inside =
          AlongK ? c.row < extent && k + i < depth : c.row + i < extent && k < depth;
      return inside ? __ldg(p + i) : 0.0f;
    };
    return make_float4(one(0), one(1), one(2), one(3));
  }
};

/// c = a b for row-major c of `n` columns: the view of a Problem. `Wide`: four neighbours of an
/// operand lie in its extents or outside together, 16-byte aligned.
template <bool AAlongK, bool BAlongK, bool Wide>
struct MatrixView {
  using A = Operand<AAlongK, Wide>;
  using B = Operand<BAlongK, Wide>;
  using ACursor = typename A::Cursor;
  using BCursor = typename B::Cursor;
  A a;
  B b;
  float* c;
  int m, n, k, channel;
  bool wide;
  float* sums = nullptr;  ///< of a's rows or b's columns, where a Problem has them

  __device__ ACursor a_cursor(int row) const { return a.cursor(row); }
  __device__ BCursor b_cursor(int col) const { return b.cursor(col); }
  __device__ typename A::Depth a_depth(int depth) const { return a.at_depth(depth); }
  __device__ typename B::Depth b_depth(int depth) const { return b.at_depth(depth); }
  __device__ Quad source_a(const ACursor& at, const typename A::Depth& depth) const {
    return a.source(at, depth);
  }
  __device__ Quad source_b(const BCursor& at, const typename B::Depth& depth) const {
    return b.source(at, depth);
  }
  __device__ float4 load_a(const ACursor& at, int depth) const { return a.load(at, depth); }
  __device__ float4 load_b(const BCursor& at, int depth) const { return b.load(at, depth); }
  __device__ int place(int col) const { return col; }
  __device__ float* output(int row) const { return c + static_cast<std::int64_t>(row) * n; }
};

}  // namespace ganymede::kernels::cuda
