#pragma once

#include <ganymede/models/quality/image_set.h>

namespace ganymede::quality {

/// Mean over all pairs of images of their mean absolute difference per value: 0 where a generator
/// has collapsed to one picture. Throws DataError for fewer than 2 images.
double mean_pairwise_l1(const ImageSet& images);

}  // namespace ganymede::quality
