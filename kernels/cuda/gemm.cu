// c = op(a) op(b) with an epilogue: the tiled product of implicit_gemm.cuh on plain matrices.

#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>

namespace ganymede::kernels::cuda {
namespace {

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
  __device__ Cursor cursor(int row) const {
    return {data + static_cast<std::int64_t>(row) * (AlongK ? pitch : 1), row};
  }
  __device__ const float* source(const Cursor& c, int k) const {
    if (c.row >= extent || k >= depth) return nullptr;
    return AlongK ? c.at + k : c.at + static_cast<std::int64_t>(k) * pitch;
  }
  __device__ float4 load(const Cursor& c, int k) const {
    if constexpr (Wide) return load4_or_zeros(source(c, k));
    const float* p = AlongK ? c.at + k : c.at + static_cast<std::int64_t>(k) * pitch;
    const auto one = [&](int i) {
      const bool inside =
          AlongK ? c.row < extent && k + i < depth : c.row + i < extent && k < depth;
      return inside ? __ldg(p + i) : 0.0f;
    };
    return make_float4(one(0), one(1), one(2), one(3));
  }
};

template <bool TransposeA, bool TransposeB, bool Wide>
struct GemmProblem {
  static constexpr Contraction contraction = gemm_contraction(TransposeA, TransposeB);
  static constexpr bool a_along_k = !TransposeA, b_along_k = TransposeB;
  static constexpr bool direct_a = Wide, direct_b = Wide;
  static constexpr int large_tiles_per_multiprocessor = 2;
  using A = Operand<a_along_k, Wide>;
  using B = Operand<b_along_k, Wide>;

  struct View {
    using ACursor = typename A::Cursor;
    using BCursor = typename B::Cursor;
    A a;
    B b;
    float* c;
    int m, n, k, channel;
    bool wide;
    __device__ ACursor a_cursor(int row) const { return a.cursor(row); }
    __device__ BCursor b_cursor(int col) const { return b.cursor(col); }
    __device__ const float* source_a(const ACursor& at, int depth) const {
      return a.source(at, depth);
    }
    __device__ const float* source_b(const BCursor& at, int depth) const {
      return b.source(at, depth);
    }
    __device__ float4 load_a(const ACursor& at, int depth) const { return a.load(at, depth); }
    __device__ float4 load_b(const BCursor& at, int depth) const { return b.load(at, depth); }
    __device__ float* output(int row) const { return c + static_cast<std::int64_t>(row) * n; }
  };
  View all;
  __device__ const View& view(int) const { return all; }
};

template <bool TransposeA, bool TransposeB, bool Wide>
void run(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
         const Finish& finish) {
  const int m = checked_extent(s.m, "gemm"), n = checked_extent(s.n, "gemm"),
            k = checked_extent(s.k, "gemm");
  using Problem = GemmProblem<TransposeA, TransposeB, Wide>;
  const typename Problem::View view{
      {a, m, k, TransposeA ? m : k}, {b, n, k, TransposeB ? k : n}, c, m, n, k, 0,
      aligned16(c) && n % 4 == 0};
  product(stream, Problem{view}, {m, n, k}, finish);
}

template <bool TransposeA, bool TransposeB>
void run(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
         const Finish& finish) {
  const bool wide = (TransposeA ? s.m : s.k) % 4 == 0 && (TransposeB ? s.k : s.n) % 4 == 0 &&
                    aligned16(a) && aligned16(b);
  const auto with = wide ? run<TransposeA, TransposeB, true> : run<TransposeA, TransposeB, false>;
  with(stream, s, a, b, c, finish);
}

}  // namespace

void gemm(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
          const Epilogue& epilogue) {
  const Finish finish = fused_part(epilogue, false);
  const auto with = s.transpose_a ? (s.transpose_b ? run<true, true> : run<true, false>)
                                  : (s.transpose_b ? run<false, true> : run<false, false>);
  with(stream, s, a, b, c, finish);
  complete(stream, epilogue, false, s.m, s.n, s.n, c);
}

}  // namespace ganymede::kernels::cuda
