#pragma once

#include <optional>
#include <vector>

#include <ganymede/data/image.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/engine/tensor.h>

namespace ganymede::study {

/// A batch in [-1, 1] (N x H x W x C) as images of 8 or 16 bits.
std::vector<Image> to_images(const Tensor& batch, int bits);

/// Values in [0, 1], image after image, for the measures.
std::vector<float> to_values(const std::vector<Image>& images);

/// Mean SSIM of the images of two lists, pair by pair; nothing for none, or for sides below its
/// window of 11 pixels. Throws ShapeError for lists of different lengths or sizes.
std::optional<double> mean_ssim(const std::vector<Image>& a, const std::vector<Image>& b);

/// A grid of one column without gaps (image_grid(images, 1, 0)) of `count` images of one size, as
/// them again.
std::vector<Image> cut_strip(const Image& strip, std::size_t count);

/// A picture for a page: grids of small images are enlarged by whole factors to at least this side.
Image enlarged(const Image& image, int least_width);

}  // namespace ganymede::study
