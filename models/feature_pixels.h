#pragma once
// What the extractors that read pixels share.

#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// Throws ShapeError for what is not H x W x C with a pixel in it.
void require_image(const Shape& image, const std::string& who);
/// Throws ShapeError for a batch that is not N x `image`.
void require_images_of(const Shape& image, const Tensor& images, const std::string& who);

/// `side` x `side` x C values in [-1, 1] of an image of H x W x C in [-1, 1]: the mean over areas.
std::vector<float> area_mean(const float* values, const Shape& image, int side);

}  // namespace ganymede
