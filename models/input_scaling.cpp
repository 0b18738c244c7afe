#include <ganymede/models/input_scaling.h>

#include <span>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>

namespace ganymede {

Var scaled(const Var& x, const InputScaling& s) {
  const auto channel = [&](int i) { return slice_channels(x, i, i + 1); };
  const Var ordered = s.bgr ? concat({channel(2), channel(1), channel(0)}) : x;
  const auto per_channel = [&](const std::array<float, 3>& values) {
    return expand(Tensor::from(std::span<const float>(values), {3}), x.shape());
  };
  return add(mul(ordered, per_channel(s.scale)), per_channel(s.shift));
}

}  // namespace ganymede
