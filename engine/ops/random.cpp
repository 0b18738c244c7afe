#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/random.h>

namespace ganymede {
namespace {

/// Which elements were dropped: linear in x, so that it is its own gradient.
struct DropoutMask {
  Tensor start;  ///< i64: where its draw began
  std::uint64_t key;
  float keep;

  Var apply(const Var& x) const {
    Tensor y(x.shape());
    kernels::dropout_again(current_stream(), y.elements(), key, start.data<std::int64_t>(), keep,
                           x.value().data(), y.data());
    return record("dropout_again", std::move(y), {x},
                  [mask = *this](const Sweep& s) { return Vars{mask.apply(s.g)}; });
  }
};

}  // namespace

Var dropout(const Var& x, Rng& rng, float rate) {
  if (!(rate >= 0.0f && rate < 1.0f))
    ops::refuse("dropout", "rate " + std::to_string(rate) + " is outside [0, 1)");
  const kernels::RandomSource source = rng.source();
  DropoutMask mask{Tensor({1}, DType::i64), source.key, 1.0f - rate};
  Tensor y(x.shape());
  kernels::dropout(current_stream(), y.elements(), source, mask.keep, x.value().data(), y.data(),
                   mask.start.data<std::int64_t>());
  return record("dropout", std::move(y), {x},
                [mask](const Sweep& s) { return Vars{mask.apply(s.g)}; });
}

}  // namespace ganymede
