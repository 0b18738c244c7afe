#pragma once

#include <string>
#include <vector>

#include <ganymede/models/quality/degraded.h>
#include <ganymede/models/quality/sanity.h>

#include "test/quality/audit_support.h"

namespace ganymede::test {

inline AuditImages with_pixels(const AuditImages& images, std::vector<float> pixels) {
  AuditImages result = images;
  result.pixels = std::move(pixels);
  return result;
}

/// Area means of blocks of pixels: raw pixels of a smaller image.
inline quality::Features pixels_of(const AuditImages& images, int side) {
  const int block = images.side / side;
  std::vector<double> rows(std::size_t(images.count()) * side * side, 0.);
  for (int i = 0; i < images.count(); ++i) {
    const auto image = images.set().image(std::size_t(i));
    for (int y = 0; y < images.side; ++y)
      for (int x = 0; x < images.side; ++x)
        rows[(std::size_t(i) * side + y / block) * side + x / block] +=
            image[std::size_t(y) * images.side + x] / double(block * block);
  }
  return {std::span<const double>(rows), images.count(), side * side};
}

/// Of the images, of them blurred, and of noise.
template <class Extractor>
quality::SanityTable table_of(const AuditImages& images, double sigma, Extractor features) {
  const auto blurred = with_pixels(images, quality::gaussian_blurred(images.set(), sigma)),
             noise = with_pixels(images, quality::uniform_noise(images.set(), 1));
  return quality::sanity_table(features(images), features(blurred), features(noise), images.groups);
}

}  // namespace ganymede::test
