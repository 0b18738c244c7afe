#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// Images that stay on the device: N x H x W x C in u8 or u16.
struct ResidentSet {
  Tensor images;
  std::vector<std::int32_t> labels;  ///< empty, or one for each image, in [0, classes)
  /// Of images, with labels or without; 0 before there are any.
  std::int64_t count() const { return images ? images.shape()[0] : 0; }
};

/// Throws UsageError unless each image has a label in [0, classes); `reader` says who wants it:
/// "classifier 'seed0'".
void require_labels(const ResidentSet& set, int classes, const std::string& reader);

}  // namespace ganymede
