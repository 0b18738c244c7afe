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

/// Gradients by weights and bias in one call. Not differentiable again: for sweeps that nobody
/// records.
void weight_and_bias_grad(const Var& x, const Var& g, Vars& gradients) {
  const kernels::LinearShape shape{x.shape()[0], x.shape()[1], g.shape()[1]};
  Tensor gw({shape.in, shape.units}), gbias({shape.units});
  kernels::linear_weight_grad(current_stream(), shape, x.value().data(), g.value().data(),
                              gw.data(), gbias.data());
  gradients[1] = gw;
  gradients[2] = gbias;
}

Vars linear_vjp(const Sweep& s, Activation activation, float slope) {
  const Var &x = s.in[0], &w = s.in[1];
  const Var g = activation_grad(s.out, s.g, activation, slope);
  Vars gradients(3);
  if (s.wants(0)) gradients[0] = matmul(g, w, false, true);
  if (s.wants(1) && s.wants(2) && !recording()) {
    weight_and_bias_grad(x, g, gradients);
    return gradients;
  }
  if (s.wants(1)) gradients[1] = matmul(x, g, true, false);
  if (s.wants(2)) gradients[2] = sum_to(g, s.in[2].shape());
  return gradients;
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
                [activation, slope](const Sweep& s) { return linear_vjp(s, activation, slope); });
}

}  // namespace ganymede
