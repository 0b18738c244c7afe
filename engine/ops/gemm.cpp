#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/gemm.h>

namespace ganymede {
namespace {

kernels::GemmShape gemm_shape(const char* op, const Shape& a, const Shape& b, bool transpose_a,
                              bool transpose_b) {
  ops::require_rank(op, a, 2, "a matrix");
  ops::require_rank(op, b, 2, "a matrix");
  const std::int64_t k = a[transpose_a ? 0 : 1], inner = b[transpose_b ? 1 : 0];
  if (k != inner)
    ops::refuse(op, to_string(a) + (transpose_a ? " transposed" : "") + " times " + to_string(b) +
                        (transpose_b ? " transposed" : "") + ": inner extents " +
                        std::to_string(k) + " and " + std::to_string(inner) + " differ");
  return {a[transpose_a ? 1 : 0], b[transpose_b ? 0 : 1], k, transpose_a, transpose_b};
}

Tensor product(const kernels::GemmShape& shape, const Var& a, const Var& b,
               const kernels::Epilogue& epilogue) {
  Tensor c({shape.m, shape.n});
  kernels::gemm(current_stream(), shape, a.value().data(), b.value().data(), c.data(), epilogue);
  return c;
}

}  // namespace

Var matmul(const Var& a, const Var& b, bool ta, bool tb) {
  const auto shape = gemm_shape("matmul", a.shape(), b.shape(), ta, tb);
  return record("matmul", product(shape, a, b, {}), {a, b}, [ta, tb](const Sweep& s) {
    const Var &x = s.in[0], &z = s.in[1], &g = s.g;
    return ops::wanted(
        s, [&] { return ta ? matmul(z, g, tb, true) : matmul(g, z, false, !tb); },
        [&] { return tb ? matmul(g, x, true, ta) : matmul(x, g, !ta, false); });
  });
}

Var linear(const Var& x, const Var& w, const Var& bias, Activation activation, float slope) {
  const auto shape = gemm_shape("linear", x.shape(), w.shape(), false, false);
  if (bias && !(bias.shape() == Shape{shape.n}))
    ops::refuse("linear", "the bias is " + to_string(bias.shape()) + ", the output has " +
                              std::to_string(shape.n) + " features");
  kernels::Epilogue epilogue;
  epilogue.bias = ops::data_or_null(bias);
  epilogue.activation = activation;
  epilogue.slope = slope;
  return record("linear", product(shape, x, w, epilogue), {x, w, bias},
                [activation, slope](const Sweep& s) {
                  const Var g = activation_grad(s.out, s.g, activation, slope);
                  return ops::wanted(
                      s, [&] { return matmul(g, s.in[1], false, true); },
                      [&] { return matmul(s.in[0], g, true, false); },
                      [&] { return sum_to(g, s.in[2].shape()); });
                });
}

}  // namespace ganymede
