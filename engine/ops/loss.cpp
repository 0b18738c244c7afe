#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/loss.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/loss.h>

namespace ganymede {

BinaryCrossEntropyResult binary_cross_entropy(const Var& logits, const Tensor& targets) {
  if (!(targets.shape() == logits.shape()) || targets.elements() == 0)
    ops::refuse("binary_cross_entropy", "logits " + to_string(logits.shape()) + ", targets " +
                                            to_string(targets.shape()) +
                                            ": as many of both, at least one");
  Tensor loss(Shape{}), score(Shape{}), gradient(logits.shape());
  kernels::binary_cross_entropy(current_stream(), targets.elements(), logits.value().data(),
                                targets.data(), loss.data(), score.data(), gradient.data());
  const float share = 1.0f / static_cast<float>(targets.elements());
  const Var result =
      record("binary_cross_entropy", std::move(loss), {logits},
             [targets, gradient, share](const Sweep& s) {
               if (s.g.ones() && !recording()) return Vars{gradient};
               const Var& l = s.in[0];
               return Vars{scale(mul(sub(sigmoid(l), targets), expand(s.g, l.shape())), share)};
             });
  return {result, score};
}

}  // namespace ganymede
