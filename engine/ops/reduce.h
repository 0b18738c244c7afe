#pragma once
// Sums and their adjoint, broadcasting. `sum_to` and `expand` are each other's derivative.

#include <ganymede/engine/var.h>

namespace ganymede {

/// Sums x down to `shape`: aligned at the innermost axis, each extent equal or 1 (or missing).
/// Throws ShapeError otherwise. The result is multiplied by `scale`.
Var sum_to(const Var& x, const Shape& shape, float scale = 1.0f);
/// Repeats x up to `shape`, the other way round.
Var expand(const Var& x, const Shape& shape, float scale = 1.0f);

Var sum(const Var& x);   ///< all elements, to a scalar (rank 0)
Var mean(const Var& x);  ///< all elements
/// Mean over height and width of N x H x W x C: N x C (global average pooling).
Var spatial_mean(const Var& x);
/// Sum over everything but the first axis: N.
Var sum_samples(const Var& x);

/// Along the last axis of a matrix.
Var log_softmax(const Var& x);
/// First index of each row's maximum, i32; no derivative.
Tensor argmax(const Tensor& x);

/// x with other extents; shares memory.
Var reshape(const Var& x, const Shape& shape);
/// N x everything else.
Var flatten(const Var& x);

}  // namespace ganymede
