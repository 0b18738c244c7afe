#pragma once

#include <cstdint>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// Images that stay on the device: N x H x W x C in u8 or u16, with a class per image.
struct ResidentSet {
  Tensor images;
  std::vector<std::int32_t> labels;
  std::int64_t count() const { return static_cast<std::int64_t>(labels.size()); }
};

}  // namespace ganymede
