#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/random.h>

namespace ganymede {

Var dropout(const Var& x, Rng& rng, float rate) {
  if (!(rate >= 0.0f && rate < 1.0f))
    ops::refuse("dropout", "rate " + std::to_string(rate) + " is outside [0, 1)");
  Tensor y(x.shape()), mask(x.shape());
  kernels::dropout(current_stream(), y.elements(), rng.source(), 1.0f - rate, x.value().data(),
                   y.data(), mask.data());
  return record("dropout", std::move(y), {x},
                [mask](const Sweep& s) { return Vars{mul(s.g, mask)}; });
}

}  // namespace ganymede
