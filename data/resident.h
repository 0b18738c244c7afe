#pragma once

#include <cstdint>
#include <vector>

#include <ganymede/data/dataset.h>
#include <ganymede/data/resize.h>

namespace ganymede {

/// How images of any size become one stack. Zero for channels or bits keeps what the files have and
/// refuses a mixture.
struct LoadOptions {
  int height = 0, width = 0;
  int channels = 0;            ///< 1 or 3
  int bits = 0;                ///< 8 or 16
  bool pad_to_square = false;  ///< before resizing, so that the aspect ratio stays
  Resize resize = Resize::bicubic;
};

/// count x height x width x channels (NHWC) as u8 or u16, ready to be copied to a device.
struct ImageStack {
  int count = 0, height = 0, width = 0, channels = 0, bits = 8;
  std::vector<std::uint8_t> bytes;   ///< filled when bits == 8
  std::vector<std::uint16_t> words;  ///< filled when bits == 16
  std::vector<int> labels;           ///< class index of each image, -1 without

  std::size_t image_size() const { return std::size_t{1} * height * width * channels; }
  int max_value() const { return bits == 8 ? 255 : 65535; }
  Image image(int i) const;
  /// All values scaled so that 0 -> low and max_value() -> high.
  std::vector<float> to_float(float low = 0, float high = 1) const;
};

/// One image by the same chain: channels, bits, padding, resizing.
Image prepare(const Image& image, const LoadOptions& options);

/// Loads and prepares the samples at `indices`, in that order, on all threads. Throws ShapeError
/// for missing extents, DataError for mixed channels or bits that the options leave open, and what
/// read_image throws.
ImageStack load_images(const Dataset& dataset, const std::vector<int>& indices,
                       const LoadOptions& options);

}  // namespace ganymede
