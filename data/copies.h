#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <ganymede/data/image.h>

namespace ganymede {

/// Upside down: the first row becomes the last.
Image flipped_vertically(const Image& image);
/// Mirrored: the first column becomes the last.
Image flipped_horizontally(const Image& image);

/// Factors as torchvision and PIL define them, in this order; 1 changes nothing.
struct ColourChange {
  double brightness = 1, contrast = 1, saturation = 1;
};
/// brightness f x; contrast about the image's mean grey; saturation about the pixel's grey (ITU-R
/// 601), which does nothing to a grey image. Each step is clamped to the range, the result is
/// rounded once. Alpha stays.
Image recoloured(const Image& image, const ColourChange& change);

/// How the copies of an image are made. Paper 001 names the flips' kinds, the probability .1 and
/// factors in [.7, .9].
struct CopyOptions {
  double horizontal_flip = 0.1;                ///< probability that the third copy is mirrored
  double colour_low = 0.7, colour_high = 0.9;  ///< bounds of the fourth copy's three factors
};

constexpr int all_copies = 4;

/// Classic augmentation as copies made beforehand: the first `count` (1 to 4) of the image itself,
/// its vertical flip, its horizontal flip (or, where chance says so, the image once more), and a
/// copy of other colours. Chance comes from seed and path alone; the first copies do not depend on
/// `count`. Throws SettingError for another count.
std::vector<Image> classic_copies(const Image& image, int count, const CopyOptions& options,
                                  std::uint64_t seed, std::string_view path);

}  // namespace ganymede
