// c = op(a) op(b) with an epilogue: the tiled product of implicit_gemm.cuh on plain matrices.

#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/matrix_view.cuh>

namespace ganymede::kernels::cuda {
namespace {

template <bool TransposeA, bool TransposeB, bool Wide>
struct GemmProblem {
  static constexpr bool a_along_k = !TransposeA, b_along_k = TransposeB;
  static constexpr bool direct_a = Wide, direct_b = Wide;
  static constexpr int large_tiles_per_multiprocessor = 2;
  using View = MatrixView<a_along_k, b_along_k, Wide>;
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
