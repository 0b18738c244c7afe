#pragma once

#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// Factors of one batch, one per image; an empty list leaves that property alone. 1 changes
/// nothing, 0 gives black, the mean grey, or grey.
struct ColourFactors {
  std::vector<float> brightness{}, contrast{}, saturation{};
};

/// Images (N x H x W x C in [-1, 1]) with other brightness, contrast and saturation, in this order,
/// as torchvision and PIL define them on values in [0, 1]: brightness f x; contrast about the
/// image's mean grey; saturation about the pixel's grey (ITU-R 601), which does nothing to one
/// channel. Each result is clamped to the range. The last of 2 or 4 channels is alpha and stays.
/// Throws ShapeError where a list has not one factor per image.
Tensor recolour(const Tensor& images, const ColourFactors& factors);

}  // namespace ganymede
