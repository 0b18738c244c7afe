#pragma once
// Elementwise operations of f32. Operands of a binary operation have one shape, else ShapeError:
// broadcasting is `expand`. Outside of its range a function gives what IEEE 754 says, an infinity
// or a NaN that shows, and throws nothing. Derivatives are of any order.

#include <ganymede/engine/var.h>
#include <ganymede/kernels/functors.h>

namespace ganymede {

using kernels::Activation;

Var add(const Var& x, const Var& z);
/// activation(x_1 + ... + x_k), added from left to right, in one pass. At least one term, else
/// ShapeError. slope >= 0.
Var add_all(const Vars& terms, Activation activation = Activation::none, float slope = 0.0f);
Var sub(const Var& x, const Var& z);
Var mul(const Var& x, const Var& z);
Var div(const Var& x, const Var& z);                        ///< x / z; z is not 0
Var combine(const Var& x, float a, const Var& z, float b);  ///< a x + b z
Var affine(const Var& x, float a, float b);                 ///< a x + b
Var scale(const Var& x, float a);
Var exp(const Var& x);
Var log(const Var& x);   ///< natural; x > 0
Var sqrt(const Var& x);  ///< x >= 0; the derivative is infinite at 0
Var abs(const Var& x);   ///< derivative sign(x), 0 at 0
Var square(const Var& x);
/// x^exponent; x >= 0, or any x for a whole exponent. The derivative at 0 is infinite for exponents
/// below 1; that of exponent 0 is 0 everywhere.
Var power(const Var& x, float exponent);
Var tanh(const Var& x);
Var sigmoid(const Var& x);
Var softplus(const Var& x);  ///< log(1 + e^x), without overflow
/// x brought into [low, high], low <= high; the gradient passes there, bounds included, and is 0
/// outside.
Var clamp(const Var& x, float low, float high);
Var relu(const Var& x);                     ///< leaky_relu of slope 0
Var leaky_relu(const Var& x, float slope);  ///< x where x > 0, else slope x: the slope counts at 0
/// g where x > 0, else slope g. Linear in g; no gradient into x.
Var leaky_relu_grad(const Var& x, const Var& g, float slope);
Var tanh_grad(const Var& y, const Var& g);     ///< g (1 - y^2), y = tanh(.)
Var sigmoid_grad(const Var& y, const Var& g);  ///< g y (1 - y), y = sigmoid(.)

/// activation(x); `none` gives x itself. `slope` is leaky_relu's.
Var activate(const Var& x, Activation activation, float slope);
/// The cotangent before the activation, from its output y and the cotangent g after it. For
/// leaky_relu y > 0 exactly where the input is, for any slope >= 0.
Var activation_grad(const Var& y, const Var& g, Activation activation, float slope);
/// The same, with the sum of g's terms in one pass with leaky_relu's.
Var activation_grad(const Var& y, const Cotangent& g, Activation activation, float slope);

/// A new node with the same value: cuts a composite from the graph around it.
Var identity(const Var& x);

}  // namespace ganymede
