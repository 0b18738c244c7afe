// c = op(a) op(b) with an epilogue: the tiled product of implicit_gemm.cuh on plain matrices. Few
// columns would leave most of a tile empty: there a fold over k makes each element.

#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/cuda/fold.cuh>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/matrix_view.cuh>

namespace ganymede::kernels::cuda {
namespace {

template <bool TransposeA, bool TransposeB, bool Wide>
struct GemmProblem {
  static constexpr Contraction contraction = gemm_contraction(TransposeA, TransposeB);
  static constexpr bool a_along_k = !TransposeA, b_along_k = TransposeB;
  static constexpr bool direct_a = Wide, direct_b = Wide, rereads_a = false, rereads_b = false;
  /// a^T b is a layer's weight gradient, and the columns of b its bias'.
  static constexpr Summed summed = TransposeA && !TransposeB ? Summed::columns : Summed::nothing;
  using View = MatrixView<a_along_k, b_along_k, Wide>;
  View all;
  __device__ const View& view(int) const { return all; }
};

template <bool TransposeA, bool TransposeB, bool Wide>
void run(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c, float* sums,
         const Finish& finish) {
  const int m = checked_extent(s.m, "gemm"), n = checked_extent(s.n, "gemm"),
            k = checked_extent(s.k, "gemm");
  using Problem = GemmProblem<TransposeA, TransposeB, Wide>;
  const typename Problem::View view{{a, m, k, TransposeA ? m : k},
                                    {b, n, k, TransposeB ? k : n},
                                    c,
                                    m,
                                    n,
                                    k,
                                    0,
                                    aligned16(c) && n % 4 == 0,
                                    sums};
  product(stream, Problem{view}, {m, n, k}, finish);
}

template <bool TransposeA, bool TransposeB>
void run(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c, float* sums,
         const Finish& finish) {
  const bool wide = (TransposeA ? s.m : s.k) % 4 == 0 && (TransposeB ? s.k : s.n) % 4 == 0 &&
                    aligned16(a) && aligned16(b);
  const auto with = wide ? run<TransposeA, TransposeB, true> : run<TransposeA, TransposeB, false>;
  with(stream, s, a, b, c, sums, finish);
}

/// An element of c by a fold over k; behind them, where `sums` is given, the columns' sums of b.
struct FewColumns {
  using State = float;
  static constexpr int unroll = 4;
  GemmShape s;
  MathMode mode;
  const float *a, *b;
  float *c, *sums;
  Finish end;

  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }
  __device__ void add(State& sum, std::int64_t, std::int64_t i, std::int64_t k) const {
    const std::int64_t row = i / s.n, col = i - row * s.n;
    const float right = __ldg(b + (s.transpose_b ? col * s.k + k : k * s.n + col));
    if (row == s.m) {
      sum += right;
      return;
    }
    const float left = __ldg(a + (s.transpose_a ? k * s.m + row : row * s.k + k));
    sum += rounded(left, mode) * rounded(right, mode);
  }
  __device__ void finish(std::int64_t, std::int64_t i, State sum) const {
    const std::int64_t row = i / s.n, col = i - row * s.n;
    if (row == s.m)
      sums[col] = sum;
    else
      c[i] = end.full(sum, static_cast<int>(col));
  }
};

void multiply_few_columns(Stream& stream, const GemmShape& s, const float* a, const float* b,
                          float* c, float* sums, const Finish& finish) {
  fold(stream,
       {1, (s.m + (sums ? 1 : 0)) * s.n, s.k,
        s.transpose_a ? FoldLayout::columns : FoldLayout::rows},
       FewColumns{s, stream.math_mode(), a, b, c, sums, finish});
}

}  // namespace

void gemm(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c,
          const Epilogue& epilogue) {
  const bool narrow = s.n <= most_few_columns;
  const Finish finish = fused_part(epilogue, narrow);
  if (narrow) {
    multiply_few_columns(stream, s, a, b, c, nullptr, finish);
  } else {
    const auto with = s.transpose_a ? (s.transpose_b ? run<true, true> : run<true, false>)
                                    : (s.transpose_b ? run<false, true> : run<false, false>);
    with(stream, s, a, b, c, nullptr, finish);
  }
  complete(stream, epilogue, narrow, s.m, s.n, s.n, c);
}

void linear_weight_grad(Stream& stream, const LinearShape& s, const float* x, const float* gy,
                        float* gw, float* gbias) {
  const GemmShape shape{s.in, s.units, s.rows, true, false};
  const auto with = s.units <= most_few_columns ? multiply_few_columns : run<true, false>;
  with(stream, shape, x, gy, gw, gbias, Finish{});
}

}  // namespace ganymede::kernels::cuda
