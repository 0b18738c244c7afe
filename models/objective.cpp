#include <ganymede/models/objective.h>

#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>

namespace ganymede {

Var cross_entropy(const Var& logits, const Tensor& targets) {
  const float rows = static_cast<float>(logits.shape()[0]);
  return scale(sum(mul(log_softmax(logits), targets)), -1.0f / rows);
}

Var gradient_penalty(const std::function<Var(const Var&)>& discriminator, const Tensor& real,
                     const Tensor& fake, const Tensor& uniform, float lambda) {
  const Shape per_sample{real.shape()[0], 1, 1, 1};
  const Var u = expand(Var(uniform.reshape(per_sample)), real.shape());
  const Var x = Var::leaf(add(real, mul(u, sub(fake, real))).value());
  const Var y = discriminator(x);
  const Var g = grad(y, {x}, {.create_graph = true})[0];
  // The small constant keeps the root differentiable where the gradient vanishes.
  const Var norm = sqrt(affine(sum_samples(square(g)), 1.0f, 1e-12f));
  return scale(mean(square(affine(norm, 1.0f, -1.0f))), lambda);
}

Var least_squares(const Var& scores, float target, const Var& weights) {
  const Var error = reshape(square(affine(scores, 1.0f, -target)), {scores.shape()[0]});
  return mean(weights ? mul(error, weights) : error);
}

Var dissimilarity(const Var& x, const Var& y) {
  const Var similarity = ssim(affine(x, 0.5f, 0.5f), affine(y, 0.5f, 0.5f));
  return affine(similarity, -0.5f, 0.5f);
}

}  // namespace ganymede
