#pragma once

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/var.h>

namespace ganymede {

/// op(a) op(b) of two matrices; a flag reads the operand transposed. Closed under differentiation.
Var matmul(const Var& a, const Var& b, bool transpose_a = false, bool transpose_b = false);

/// activation(x w + bias): x is n x in, w in x out (Keras's layout), bias out or empty. Fused.
Var linear(const Var& x, const Var& w, const Var& bias, Activation activation = Activation::none,
           float slope = 0.0f);

}  // namespace ganymede
