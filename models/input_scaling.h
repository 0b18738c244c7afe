#pragma once

#include <array>

#include <ganymede/engine/var.h>

namespace ganymede {

/// What a network for colour images was trained on, from [-1, 1]: scale x + shift of each channel.
struct InputScaling {
  bool bgr;  ///< blue first; scale and shift are in that order then
  std::array<float, 3> scale, shift;
};

/// 0 to 255 in the order blue, green, red, minus the means over ImageNet: Keras's ResNets.
inline constexpr InputScaling centred_bgr{
    true, {127.5f, 127.5f, 127.5f}, {127.5f - 103.939f, 127.5f - 116.779f, 127.5f - 123.68f}};
/// (v - mean) / deviation of ImageNet, v in [0, 1]: Keras's DenseNets, all of torchvision.
inline constexpr InputScaling standardised{
    false,
    {0.5f / 0.229f, 0.5f / 0.224f, 0.5f / 0.225f},
    {(0.5f - 0.485f) / 0.229f, (0.5f - 0.456f) / 0.224f, (0.5f - 0.406f) / 0.225f}};

/// N x H x W x 3 in [-1, 1] (red, green, blue) as the network wants it.
Var scaled(const Var& x, const InputScaling& scaling);

}  // namespace ganymede
