#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ganymede {

/// A picture as it was stored: height x width x channels, interleaved (NHWC without the N), with 8
/// or 16 bits per value and 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels. Nothing here
/// changes the number of channels or bits unless the caller says so by name.
class Image {
 public:
  Image() = default;
  /// All zero. Throws ShapeError for empty extents, channels outside 1..4, bits other than 8 or 16.
  Image(int height, int width, int channels, int bits = 8);

  int height() const { return height_; }
  int width() const { return width_; }
  int channels() const { return channels_; }
  int bits() const { return bits_; }
  int max_value() const { return bits_ == 8 ? 255 : 65535; }
  std::size_t size() const { return std::size_t{1} * height_ * width_ * channels_; }
  bool empty() const { return size() == 0; }

  /// The i-th value in storage order, whatever the depth.
  int value(std::size_t i) const { return bits_ == 8 ? bytes_[i] : words_[i]; }
  int at(int y, int x, int c = 0) const { return value(index(y, x, c)); }
  /// Rounds to the nearest integer and clamps to 0..max_value().
  void set(std::size_t i, double value);
  void set(int y, int x, int c, double value) { set(index(y, x, c), value); }

  /// The stored values; the vector of the other depth is empty.
  std::vector<std::uint8_t>& bytes() { return bytes_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  std::vector<std::uint16_t>& words() { return words_; }
  const std::vector<std::uint16_t>& words() const { return words_; }

  bool operator==(const Image&) const = default;

 private:
  std::size_t index(int y, int x, int c) const {
    return (static_cast<std::size_t>(y) * width_ + x) * channels_ + c;
  }

  int height_ = 0, width_ = 0, channels_ = 0, bits_ = 8;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint16_t> words_;
};

/// RGB(A) to one channel by ITU-R 601 luma (.299, .587, .114); 2 channels lose their alpha; 1
/// stays.
Image to_grey(const Image& image);
/// 2 -> 1 and 4 -> 3 channels, without compositing: the alpha of medical exports is opaque.
Image drop_alpha(const Image& image);
/// To 1 (to_grey) or 3 channels (grey repeated, alpha dropped). Throws SettingError for other
/// counts.
Image to_channels(const Image& image, int channels);
/// Depth 8 <-> 16; full scale stays full scale (255 <-> 65535), values are rounded.
Image to_bits(const Image& image, int bits);
/// Zero-pads the shorter side, centred; an odd pixel goes to the bottom or the right. Throws
/// FormatError where the square would have more than max_image_pixels (png_jpeg.h).
Image pad_to_square(const Image& image);

/// Values scaled so that 0 -> low and max_value() -> high, in storage order.
std::vector<float> to_float(const Image& image, float low = 0, float high = 1);
/// The inverse: height * width * channels floats in [low, high], rounded and clamped.
Image from_float(const float* values, int height, int width, int channels, int bits = 8,
                 float low = 0, float high = 1);

/// Images of one depth side by side, `columns` to a row, each padded to the largest extents, `gap`
/// background pixels between them. One grey image among RGB ones makes a ShapeError.
Image image_grid(const std::vector<Image>& images, int columns, int gap = 2, int background = 0);

/// "166 x 192, 3 channels, 8 bits" (height x width), for messages.
std::string describe(const Image& image);

}  // namespace ganymede
