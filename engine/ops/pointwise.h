#pragma once
// Elementwise operations. Operands of a binary operation have one shape: broadcasting is `expand`.

#include <ganymede/engine/var.h>
#include <ganymede/kernels/functors.h>

namespace ganymede {

using kernels::Activation;

Var add(const Var& x, const Var& z);
/// activation(x_1 + ... + x_k), added from left to right, in one pass. At least one term.
Var add_all(const Vars& terms, Activation activation = Activation::none, float slope = 0.0f);
Var sub(const Var& x, const Var& z);
Var mul(const Var& x, const Var& z);
Var div(const Var& x, const Var& z);
Var combine(const Var& x, float a, const Var& z, float b);  ///< a x + b z
Var affine(const Var& x, float a, float b);                 ///< a x + b
Var scale(const Var& x, float a);
Var exp(const Var& x);
Var log(const Var& x);
Var sqrt(const Var& x);
Var abs(const Var& x);  ///< derivative sign(x), 0 at 0
Var square(const Var& x);
Var power(const Var& x, float exponent);
Var tanh(const Var& x);
Var sigmoid(const Var& x);
Var softplus(const Var& x);
Var clamp(const Var& x, float low, float high);  ///< no gradient outside
Var relu(const Var& x);
Var leaky_relu(const Var& x, float slope);
/// g where x > 0, else slope g. Linear in g; no gradient into x.
Var leaky_relu_grad(const Var& x, const Var& g, float slope);
Var tanh_grad(const Var& y, const Var& g);     ///< g (1 - y^2), y = tanh(.)
Var sigmoid_grad(const Var& y, const Var& g);  ///< g y (1 - y), y = sigmoid(.)

/// activation(x); `none` gives x itself.
Var activate(const Var& x, Activation activation, float slope);
/// The cotangent before the activation, from its output y and the cotangent g after it. For
/// leaky_relu y > 0 exactly where the input is, for any slope >= 0.
Var activation_grad(const Var& y, const Var& g, Activation activation, float slope);
/// The same, with the sum of g's terms in one pass with leaky_relu's.
Var activation_grad(const Var& y, const Cotangent& g, Activation activation, float slope);

/// A new node with the same value: cuts a composite from the graph around it.
Var identity(const Var& x);

}  // namespace ganymede
