#pragma once

#include <ganymede/kernels/error.h>

#include <span>
#include <string>

namespace ganymede::quality {

/// Images of one size side by side in memory, NHWC, any range common to the sets compared.
struct ImageSet {
  std::span<const float> pixels;
  int count = 0;
  int height = 0;
  int width = 0;
  int channels = 1;

  std::size_t size() const { return std::size_t(height) * width * channels; }
  std::span<const float> image(std::size_t i) const { return pixels.subspan(i * size(), size()); }
};

/// Throws ShapeError where the pixels do not fill the stated extents.
inline void check_image_set(const char* who, const ImageSet& set) {
  if (set.count < 0 || set.pixels.size() != set.size() * std::size_t(set.count))
    throw ShapeError(std::string(who) + ": " + std::to_string(set.pixels.size()) + " pixels for " +
                     std::to_string(set.count) + " images of " + std::to_string(set.height) + "x" +
                     std::to_string(set.width) + "x" + std::to_string(set.channels));
}

}  // namespace ganymede::quality
