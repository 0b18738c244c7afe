#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/kernels/resample.h>
#include <ganymede/models/colour.h>

namespace ganymede {

/// Classic augmentation, drawn for each image: an affine map, an elastic deformation, colour. Paper
/// 000: rotation 40, shift, shear and zoom .2, horizontal flip, nearest fill.
struct ClassicOptions {
  float rotation = 40.0f;  ///< degrees, +-
  float shift = 0.2f;      ///< share of the side, +-, each axis
  float shear = 0.2f;      ///< degrees, +- (so in Keras 2.2 and newer)
  float zoom = 0.2f;       ///< each axis scaled by a factor in [1 - zoom, 1 + zoom]
  bool horizontal_flip = true, vertical_flip = false;
  kernels::Fill2d fill = kernels::Fill2d::nearest;
  /// Elastic deformation: control points are moved by N(0, this x side) along each axis, and a
  /// cubic B-spline between them moves the pixels, about half as far (Simard et al. 2003; the
  /// coarse grid is Ronneberger et al.'s, 2015). 0: off.
  float elastic = 0.0f;
  int elastic_grid = 7;  ///< control points a side, one ring of them outside the image
  /// Factors in [1 - this, 1 + this], as `recolour` takes them; 0: off.
  float brightness = 0.0f, contrast = 0.0f, saturation = 0.0f;
  float strength = 1.0f;  ///< multiplies every amount above; flips stay
};

/// n source maps (2 x 3 row-major each, pixel units, as `affine_warp` takes them) for images of
/// height x width; the centre of the image is the centre of rotation.
std::vector<float> random_warps(const ClassicOptions& options, std::int64_t n, int height,
                                int width, HostRng& rng);

/// n x elastic_grid x elastic_grid x 2 control points, as `elastic_warp` takes them.
std::vector<float> random_controls(const ClassicOptions& options, std::int64_t n, int height,
                                   int width, HostRng& rng);

/// n factors of each property that the options change.
ColourFactors random_colours(const ClassicOptions& options, std::int64_t n, HostRng& rng);

/// Augments batch after batch. Maps, deformations and colours come from random streams of their
/// own: what is off draws nothing, and turning one on leaves the others as they were.
class ClassicAugmentation {
 public:
  ClassicAugmentation(const ClassicOptions& options, std::uint64_t seed, const std::string& path)
      : options_(options),
        warps_(seed, path),
        controls_(seed, path + "/elastic"),
        colours_(seed, path + "/colour") {}

  /// N x H x W x C in [-1, 1]; each image is resampled once.
  Tensor operator()(const Tensor& images);

 private:
  ClassicOptions options_;
  HostRng warps_, controls_, colours_;
};

}  // namespace ganymede
