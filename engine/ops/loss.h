#pragma once

#include <ganymede/engine/var.h>

namespace ganymede {

struct BinaryCrossEntropyResult {
  Var loss;      ///< a scalar
  Tensor score;  ///< mean of sigmoid(logits), a scalar
};
/// Mean of -t log s - (1 - t) log(1 - s), s = sigmoid(logits), for targets t in [0, 1] of the
/// logits' extents, from the logits without overflow. One pass finds loss, score and gradient; any
/// order of derivative by the logits.
BinaryCrossEntropyResult binary_cross_entropy(const Var& logits, const Tensor& targets);

}  // namespace ganymede
