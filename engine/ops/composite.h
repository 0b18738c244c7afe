#pragma once
// How a fused operation gets derivatives of every order: the first by its fused backward kernel,
// all others through its composite.

#include <functional>

#include <ganymede/engine/var.h>

namespace ganymede::ops {

/// A fused operation's plain twin: the same function of the same inputs, written with ops.
using Composite = std::function<Var(const Vars&)>;

/// Makes the gradients that a fused backward kernel computed ops of their own. gradients[i] is by
/// input i of the sweep, empty where nobody wants it. Each becomes an op of the fused operation's
/// inputs and the cotangent, whose vjp is the derivative of the composite's gradient.
Vars record_gradients(const char* op, const std::vector<Tensor>& gradients, const Sweep& s,
                      const Composite& composite);

}  // namespace ganymede::ops
