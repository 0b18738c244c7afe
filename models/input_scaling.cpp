#include <ganymede/models/input_scaling.h>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>

namespace ganymede {

// Channel by channel: the constants travel with the launches, where a tensor of them would be an
// upload in every forward pass, which no captured step may have.
Var scaled(const Var& x, const InputScaling& s) {
  Vars channels;
  for (std::size_t i = 0; i < s.scale.size(); ++i) {
    const auto from = static_cast<std::int64_t>(s.bgr ? s.scale.size() - 1 - i : i);
    channels.push_back(affine(slice_channels(x, from, from + 1), s.scale[i], s.shift[i]));
  }
  return concat(channels);
}

}  // namespace ganymede
