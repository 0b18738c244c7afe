#include <ganymede/engine/ops/attention.h>
#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/composite.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/attention.h>

#include <limits>

namespace ganymede {
namespace {

using kernels::AttentionShape;

void require_rows(const char* name, const Shape& shape) {
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (shape.rank() != 3 || shape.elements() == 0)
    ops::refuse("attention", std::string(name) + " is " + to_string(shape) +
                                 ", it must be samples x positions x features, none of them 0");
  for (int axis = 0; axis < 3; ++axis)
    if (shape[axis] > most)
      ops::refuse("attention", std::string(name) + " is " + to_string(shape) + ", too long");
}

void require_equal(const Shape& a, int axis_a, const Shape& b, int axis_b, const char* what) {
  if (a[axis_a] != b[axis_b])
    ops::refuse("attention", to_string(a) + " and " + to_string(b) + ": " + what + " differ");
}

AttentionShape attention_shape(const Shape& q, const Shape& k, const Shape& v, float scale) {
  require_rows("q", q), require_rows("k", k), require_rows("v", v);
  require_equal(q, 0, k, 0, "the samples of q and k");
  require_equal(q, 0, v, 0, "the samples of q and v");
  require_equal(q, 2, k, 2, "the features of q and k");
  require_equal(k, 1, v, 1, "the positions of k and v");
  const auto extent = [](std::int64_t n) { return static_cast<int>(n); };
  return {extent(q[0]), extent(q[1]), extent(k[1]), extent(q[2]), extent(v[2]), scale};
}

/// Sample n of N x L x W, as a matrix.
Var sample(const Var& x, std::int64_t n) {
  return reshape(slice_rows(x, n, n + 1), {x.shape()[1], x.shape()[2]});
}

/// The same function in plain ops, one sample after the other.
Var plain_attention(const Vars& in, float factor) {
  Vars results;
  for (std::int64_t n = 0; n < in[0].shape()[0]; ++n) {
    const Var scores = scale(matmul(sample(in[0], n), sample(in[1], n), false, true), factor);
    results.push_back(matmul(exp(log_softmax(scores)), sample(in[2], n)));
  }
  return reshape(concat_rows(results), {in[0].shape()[0], in[0].shape()[1], in[2].shape()[2]});
}

Vars attention_vjp(const Sweep& s, const AttentionShape& shape, const Tensor& log_sum) {
  std::vector<Tensor> gradients(3);
  float* to[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!s.wants(i)) continue;
    gradients[i] = Tensor(s.in[i].shape());
    to[i] = gradients[i].data();
  }
  kernels::attention_grad(current_stream(), shape, s.in[0].value().data(), s.in[1].value().data(),
                          s.in[2].value().data(), s.out.value().data(), log_sum.data(),
                          s.g.value().data(), to[0], to[1], to[2]);
  return ops::record_gradients(
      "attention_grad", gradients, s,
      [factor = shape.scale](const Vars& in) { return plain_attention(in, factor); });
}

}  // namespace

Var attention(const Var& q, const Var& k, const Var& v, float scale) {
  const AttentionShape shape = attention_shape(q.shape(), k.shape(), v.shape(), scale);
  Tensor o({shape.batch, shape.queries, shape.channels}), log_sum({shape.batch, shape.queries});
  kernels::attention(current_stream(), shape, q.value().data(), k.value().data(), v.value().data(),
                     o.data(), log_sum.data());
  return record("attention", std::move(o), {q, k, v},
                [shape, log_sum](const Sweep& s) { return attention_vjp(s, shape, log_sum); });
}

}  // namespace ganymede
