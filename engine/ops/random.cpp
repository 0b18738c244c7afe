#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/random.h>

namespace ganymede {
namespace {

/// A draw that was made, by which gradients are masked: linear in them, so that the second
/// derivative by them is the first.
struct DropoutDraw {
  kernels::DropoutShape shape;
  Tensor start;  ///< i64: where it began
  std::uint64_t key;

  Var grad(const Var& x, const Var& g) const {
    Tensor gx(g.shape());
    const bool reads = shape.activation != Activation::none;
    kernels::dropout_grad(current_stream(), shape, key, start.data<std::int64_t>(),
                          reads ? x.value().data() : nullptr, g.value().data(), gx.data());
    return record("dropout_grad", std::move(gx), {x, g}, [draw = *this](const Sweep& s) {
      return Vars{Var(), draw.grad(s.in[0], s.g)};
    });
  }
};

}  // namespace

Var dropout(const Var& x, Rng& rng, float rate, Activation activation, float slope) {
  if (!(rate >= 0.0f && rate < 1.0f))
    ops::refuse("dropout", "rate " + std::to_string(rate) + " is outside [0, 1)");
  if (activation != Activation::none && activation != Activation::leaky_relu)
    ops::refuse("dropout", "only leaky_relu can be fused");
  const kernels::RandomSource source = rng.source();
  DropoutDraw draw{
      {x.shape().elements(), 1.0f - rate, activation, slope}, Tensor({1}, DType::i64), source.key};
  Tensor y(x.shape());
  kernels::dropout(current_stream(), draw.shape, source, x.value().data(), y.data(),
                   draw.start.data<std::int64_t>());
  return record("dropout", std::move(y), {x},
                [draw](const Sweep& s) { return Vars{draw.grad(s.in[0], s.g)}; });
}

}  // namespace ganymede
