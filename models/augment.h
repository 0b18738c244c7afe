#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <ganymede/engine/tensor.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/kernels/resample.h>

namespace ganymede {

/// Classic augmentation: a random affine map per image. Paper 000: rotation 40, shift, shear and
/// zoom .2, horizontal flip, nearest fill.
struct ClassicOptions {
  float rotation = 40.0f;  ///< degrees, +-
  float shift = 0.2f;      ///< share of the side, +-, each axis
  float shear = 0.2f;      ///< degrees, +- (so in Keras 2.2 and newer)
  float zoom = 0.2f;       ///< each axis scaled by a factor in [1 - zoom, 1 + zoom]
  bool horizontal_flip = true, vertical_flip = false;
  kernels::Fill2d fill = kernels::Fill2d::nearest;
  float strength = 1.0f;  ///< multiplies rotation, shift, shear and zoom; flips stay
};

/// n source maps (2 x 3 row-major each, pixel units, as `affine_warp` takes them) for images of
/// height x width; the centre of the image is the centre of rotation.
std::vector<float> random_warps(const ClassicOptions& options, std::int64_t n, int height,
                                int width, HostRng& rng);

/// Warps each image of a batch (N x H x W x C) at random.
Tensor augment(const Tensor& images, const ClassicOptions& options, HostRng& rng);

}  // namespace ganymede
