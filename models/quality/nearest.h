#pragma once

#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/image_set.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// The image of a set that is nearest to a query.
struct Nearest {
  int index = -1;        ///< in the set searched; -1 where all of it was excluded
  bool flipped = false;  ///< the horizontal mirror image of it is the near one
  double distance =
      0;  ///< root mean square difference per value, in the images' (or features') own unit
  double relative = 0;  ///< distance over the mean distance of the next nearest (up to 50)
};

/// Root mean square difference of two images of equal size.
double rms_distance(std::span<const float> a, std::span<const float> b);

/// For each query the nearest image of `set`, mirror images included (the mirrored query is
/// compared, which is the same). Images with the query's own group are passed over where both group
/// lists are given. `relative` tells a copy from a smooth image: a blurred average is near to all
/// images alike. Brute force, each distance summed in one fixed order: same bits for any number of
/// threads. Throws ShapeError where sizes differ or groups have the wrong length.
std::vector<Nearest> nearest_images(const ImageSet& queries, const ImageSet& set,
                                    std::span<const int> query_groups = {},
                                    std::span<const int> set_groups = {});

/// Features of images and of their mirror images, row by row.
struct MirroredFeatures {
  Features plain, mirrored;
};

/// The same in a space of features, compared as floats: `distance` is the root mean square
/// difference per feature, `flipped` says that the mirrored query is the near one. Of `set` only
/// the plain features are read. Errors as nearest_images.
std::vector<Nearest> nearest_features(const MirroredFeatures& queries, const Features& set,
                                      std::span<const int> query_groups = {},
                                      std::span<const int> set_groups = {});

}  // namespace ganymede::quality
