#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/pointwise.h>

namespace ganymede {
namespace {

using ops::wanted;

template <class Kernel, class... Numbers>
Tensor map(const Kernel& kernel, const Var& x, Numbers... numbers) {
  Tensor y(x.shape());
  kernel(current_stream(), y.elements(), x.value().data(), numbers..., y.data());
  return y;
}

template <class Kernel, class... Numbers>
Tensor zip(const char* op, const Kernel& kernel, const Var& x, const Var& z, Numbers... numbers) {
  ops::require_same(op, x, z);
  Tensor y(x.shape());
  kernel(current_stream(), y.elements(), x.value().data(), z.value().data(), numbers..., y.data());
  return y;
}

/// As kernels::AddAll says.
Tensor sum_of(const Vars& terms, float slope, const float* gate) {
  std::vector<const float*> from;
  for (const Var& term : terms) {
    ops::require_same("add_all", terms[0], term);
    from.push_back(term.value().data());
  }
  Tensor y(terms[0].shape());
  kernels::add_all(current_stream(), y.elements(), from, slope, gate, y.data());
  return y;
}

}  // namespace

// ---- arithmetic ---------------------------------------------------------------------------------

Var add(const Var& x, const Var& z) {
  return record("add", zip("add", kernels::add, x, z), {x, z}, [](const Sweep& s) {
    return Vars{s.g, s.g};
  });
}

Var add_all(const Vars& terms, Activation activation, float slope) {
  if (terms.empty()) ops::refuse("add_all", "no terms");
  if (activation != Activation::none && activation != Activation::leaky_relu)
    return activate(add_all(terms), activation, slope);
  if (terms.size() == 1) return activate(terms[0], activation, slope);
  if (terms.size() > kernels::most_terms) {
    const auto rest = terms.begin() + kernels::most_terms;
    Vars shorter{add_all(Vars(terms.begin(), rest))};
    shorter.insert(shorter.end(), rest, terms.end());
    return add_all(shorter, activation, slope);
  }
  const bool plain = activation == Activation::none;
  Tensor y = sum_of(terms, plain ? 1.0f : slope, nullptr);
  return record("add_all", std::move(y), terms, [activation, slope](const Sweep& s) {
    return Vars(s.in.size(), activation_grad(s.out, s.g, activation, slope));
  });
}

Var sub(const Var& x, const Var& z) {
  return record("sub", zip("sub", kernels::sub, x, z), {x, z}, [](const Sweep& s) {
    return wanted(
        s, [&] { return s.g; }, [&] { return scale(s.g, -1.0f); });
  });
}

Var mul(const Var& x, const Var& z) {
  return record("mul", zip("mul", kernels::mul, x, z), {x, z}, [](const Sweep& s) {
    return wanted(
        s, [&] { return mul(s.g, s.in[1]); }, [&] { return mul(s.g, s.in[0]); });
  });
}

Var div(const Var& x, const Var& z) {
  return record("div", zip("div", kernels::div, x, z), {x, z}, [](const Sweep& s) {
    const Var g = div(s.g, s.in[1]);
    return wanted(
        s, [&] { return g; }, [&] { return scale(mul(g, s.out), -1.0f); });
  });
}

Var combine(const Var& x, float a, const Var& z, float b) {
  return record("combine", zip("combine", kernels::combine, x, z, a, b), {x, z},
                [a, b](const Sweep& s) {
                  return wanted(
                      s, [&] { return scale(s.g, a); }, [&] { return scale(s.g, b); });
                });
}

Var affine(const Var& x, float a, float b) {
  return record("affine", map(kernels::affine, x, a, b), {x},
                [a](const Sweep& s) { return Vars{scale(s.g, a)}; });
}

Var scale(const Var& x, float a) { return a == 1.0f ? x : affine(x, a, 0.0f); }

Var identity(const Var& x) {
  return record("identity", x.value(), {x}, [](const Sweep& s) { return Vars{s.g}; });
}

// ---- functions of one value ---------------------------------------------------------------------

Var exp(const Var& x) {
  return record("exp", map(kernels::exp, x), {x},
                [](const Sweep& s) { return Vars{mul(s.g, s.out)}; });
}

Var log(const Var& x) {
  return record("log", map(kernels::log, x), {x},
                [](const Sweep& s) { return Vars{div(s.g, s.in[0])}; });
}

Var sqrt(const Var& x) {
  return record("sqrt", map(kernels::sqrt, x), {x},
                [](const Sweep& s) { return Vars{scale(div(s.g, s.out), 0.5f)}; });
}

Var abs(const Var& x) {
  return record("abs", map(kernels::abs, x), {x},
                [](const Sweep& s) { return Vars{mul(s.g, map(kernels::sign, s.in[0]))}; });
}

Var square(const Var& x) {
  return record("square", zip("square", kernels::mul, x, x), {x},
                [](const Sweep& s) { return Vars{scale(mul(s.g, s.in[0]), 2.0f)}; });
}

Var power(const Var& x, float exponent) {
  return record("power", map(kernels::power, x, exponent), {x}, [exponent](const Sweep& s) {
    if (exponent == 0.0f) return Vars{Var()};
    return Vars{scale(mul(s.g, power(s.in[0], exponent - 1.0f)), exponent)};
  });
}

Var clamp(const Var& x, float low, float high) {
  return record("clamp", map(kernels::clamp, x, low, high), {x}, [low, high](const Sweep& s) {
    return Vars{mul(s.g, map(kernels::inside, s.in[0], low, high))};
  });
}

// ---- activations --------------------------------------------------------------------------------

Var tanh(const Var& x) {
  return record("tanh", map(kernels::tanh, x), {x},
                [](const Sweep& s) { return Vars{tanh_grad(s.out, s.g)}; });
}

Var sigmoid(const Var& x) {
  return record("sigmoid", map(kernels::sigmoid, x), {x},
                [](const Sweep& s) { return Vars{sigmoid_grad(s.out, s.g)}; });
}

Var softplus(const Var& x) {
  return record("softplus", map(kernels::softplus, x), {x},
                [](const Sweep& s) { return Vars{mul(s.g, sigmoid(s.in[0]))}; });
}

Var relu(const Var& x) { return leaky_relu(x, 0.0f); }

Var leaky_relu(const Var& x, float slope) {
  return record("leaky_relu", map(kernels::leaky_relu, x, slope), {x},
                [slope](const Sweep& s) { return Vars{leaky_relu_grad(s.in[0], s.g, slope)}; });
}

Var leaky_relu_grad(const Var& x, const Var& g, float slope) {
  return record("leaky_relu_grad", zip("leaky_relu_grad", kernels::leaky_relu_grad, x, g, slope),
                {x, g}, [slope](const Sweep& s) {
                  return wanted(
                      s, [] { return Var(); },
                      [&] { return leaky_relu_grad(s.in[0], s.g, slope); });
                });
}

Var tanh_grad(const Var& y, const Var& g) {
  return record("tanh_grad", zip("tanh_grad", kernels::tanh_grad, y, g), {y, g},
                [](const Sweep& s) {
                  return wanted(
                      s, [&] { return scale(mul(mul(s.in[0], s.in[1]), s.g), -2.0f); },
                      [&] { return tanh_grad(s.in[0], s.g); });
                });
}

Var sigmoid_grad(const Var& y, const Var& g) {
  return record("sigmoid_grad", zip("sigmoid_grad", kernels::sigmoid_grad, y, g), {y, g},
                [](const Sweep& s) {
                  return wanted(
                      s, [&] { return mul(affine(s.in[0], -2.0f, 1.0f), mul(s.in[1], s.g)); },
                      [&] { return sigmoid_grad(s.in[0], s.g); });
                });
}

Var activate(const Var& x, Activation activation, float slope) {
  switch (activation) {
    case Activation::leaky_relu:
      return leaky_relu(x, slope);
    case Activation::tanh:
      return tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::none:
      break;
  }
  return x;
}

Var activation_grad(const Var& y, const Var& g, Activation activation, float slope) {
  switch (activation) {
    case Activation::leaky_relu:
      return leaky_relu_grad(y, g, slope);
    case Activation::tanh:
      return tanh_grad(y, g);
    case Activation::sigmoid:
      return sigmoid_grad(y, g);
    case Activation::none:
      break;
  }
  return g;
}

Var activation_grad(const Var& y, const Cotangent& g, Activation activation, float slope) {
  const Vars& terms = g.uses();
  if (activation != Activation::leaky_relu || terms.size() < 2 ||
      terms.size() > kernels::most_terms)
    return activation_grad(y, g.var(), activation, slope);
  ops::require_same("activation_grad", y, terms[0]);
  Vars inputs{y};
  inputs.insert(inputs.end(), terms.begin(), terms.end());
  return record("activation_grad", sum_of(terms, slope, y.value().data()), inputs,
                [slope](const Sweep& s) {
                  Vars gradients(s.in.size(), leaky_relu_grad(s.in[0], s.g, slope));
                  gradients[0] = Var();
                  return gradients;
                });
}

}  // namespace ganymede
