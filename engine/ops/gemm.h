#pragma once

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/var.h>

namespace ganymede {

/// op(a) op(b) of two matrices; a flag reads the operand transposed. Closed under differentiation.
/// Operands are rounded as the stream's math mode says, sums are f32. Throws ShapeError for other
/// than matrices, and where the inner extents differ.
Var matmul(const Var& a, const Var& b, bool transpose_a = false, bool transpose_b = false);

/// activation(x w + bias): x is n x in, w in x out (Keras's layout), bias [out] or empty. Fused;
/// slope >= 0, as the gradient is taken from the output. Throws ShapeError likewise, and for a bias
/// of another length.
Var linear(const Var& x, const Var& w, const Var& bias, Activation activation = Activation::none,
           float slope = 0.0f);

}  // namespace ganymede
