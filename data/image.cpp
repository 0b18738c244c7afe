#include <ganymede/data/image.h>

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// Copies the first `kept` channels.
Image keep_channels(const Image& image, int kept) {
  Image out(image.height(), image.width(), kept, image.bits());
  for (std::size_t pixel = 0; pixel < out.size() / kept; ++pixel)
    for (int c = 0; c < kept; ++c)
      out.set(pixel * kept + c, image.value(pixel * image.channels() + c));
  return out;
}

void paste(const Image& from, Image& to, int top, int left) {
  for (int y = 0; y < from.height(); ++y)
    for (int x = 0; x < from.width(); ++x)
      for (int c = 0; c < from.channels(); ++c) to.set(top + y, left + x, c, from.at(y, x, c));
}

}  // namespace

Image::Image(int height, int width, int channels, int bits)
    : height_(height), width_(width), channels_(channels), bits_(bits) {
  if (height < 1 || width < 1 || channels < 1 || channels > 4 || (bits != 8 && bits != 16))
    throw ShapeError(fmt::format(
        "image: {} x {} with {} channels and {} bits; expected extents of at least 1, 1 to 4 "
        "channels and 8 or 16 bits",
        height, width, channels, bits));
  if (bits == 8) bytes_.resize(size());
  if (bits == 16) words_.resize(size());
}

void Image::set(std::size_t i, double value) {
  const double clamped = std::clamp(std::floor(value + 0.5), 0.0, double(max_value()));
  if (bits_ == 8)
    bytes_[i] = static_cast<std::uint8_t>(clamped);
  else
    words_[i] = static_cast<std::uint16_t>(clamped);
}

Image drop_alpha(const Image& image) {
  const bool alpha = image.channels() == 2 || image.channels() == 4;
  return alpha ? keep_channels(image, image.channels() - 1) : image;
}

Image to_grey(const Image& image) {
  if (image.channels() == 1) return image;
  if (image.channels() == 2) return drop_alpha(image);
  Image out(image.height(), image.width(), 1, image.bits());
  for (std::size_t pixel = 0; pixel < out.size(); ++pixel) {
    const std::size_t i = pixel * image.channels();
    out.set(pixel,
            (299.0 * image.value(i) + 587.0 * image.value(i + 1) + 114.0 * image.value(i + 2)) /
                1000.0);
  }
  return out;
}

Image to_channels(const Image& image, int channels) {
  if (channels == 1) return to_grey(image);
  if (channels != 3)
    throw SettingError(
        fmt::format("image: cannot make {} channels of {}, choose 1 (grey) or 3 (colour)", channels,
                    image.channels()));
  if (image.channels() >= 3) return drop_alpha(image);
  const Image grey = to_grey(image);
  Image out(image.height(), image.width(), 3, image.bits());
  for (std::size_t i = 0; i < out.size(); ++i) out.set(i, grey.value(i / 3));
  return out;
}

Image to_bits(const Image& image, int bits) {
  if (bits == image.bits()) return image;
  Image out(image.height(), image.width(), image.channels(), bits);
  const double scale = double(out.max_value()) / image.max_value();
  for (std::size_t i = 0; i < out.size(); ++i) out.set(i, image.value(i) * scale);
  return out;
}

Image pad_to_square(const Image& image) {
  if (image.height() == image.width()) return image;
  const int side = std::max(image.height(), image.width());
  if (std::int64_t{1} * side * side > max_image_pixels)
    throw FormatError(fmt::format(
        "padded to a square, {} x {} pixels would be more than the limit of {} million; crop or "
        "shrink it, or delete it",
        image.width(), image.height(), max_image_pixels / 1'000'000));
  Image out(side, side, image.channels(), image.bits());
  paste(image, out, (side - image.height()) / 2, (side - image.width()) / 2);
  return out;
}

std::vector<float> to_float(const Image& image, float low, float high) {
  std::vector<float> out(image.size());
  const float scale = (high - low) / static_cast<float>(image.max_value());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = low + scale * static_cast<float>(image.value(i));
  return out;
}

Image from_float(const float* values, int height, int width, int channels, int bits, float low,
                 float high) {
  Image out(height, width, channels, bits);
  const double scale = out.max_value() / (double(high) - low);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double value = (double(values[i]) - low) * scale;
    out.set(i, std::isfinite(value) ? value : 0.0);
  }
  return out;
}

Image image_grid(const std::vector<Image>& images, int columns, int gap, int background) {
  if (images.empty() || columns < 1)
    throw ShapeError(fmt::format("image_grid: {} images in {} columns", images.size(), columns));
  int height = 0, width = 0;
  const Image& first = images.front();
  for (const Image& image : images) {
    if (image.channels() != first.channels() || image.bits() != first.bits())
      throw ShapeError(fmt::format("image_grid: {} beside {}; convert them to one kind first",
                                   describe(first), describe(image)));
    height = std::max(height, image.height());
    width = std::max(width, image.width());
  }
  const int count = static_cast<int>(images.size());
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  Image grid(rows * (height + gap) - gap, columns * (width + gap) - gap, first.channels(),
             first.bits());
  for (std::size_t i = 0; i < grid.size(); ++i) grid.set(i, background);
  for (int i = 0; i < count; ++i) {
    const Image& image = images[i];
    paste(image, grid, i / columns * (height + gap) + (height - image.height()) / 2,
          i % columns * (width + gap) + (width - image.width()) / 2);
  }
  return grid;
}

std::string describe(const Image& image) {
  return fmt::format("{} x {}, {} channel{}, {} bits", image.height(), image.width(),
                     image.channels(), image.channels() == 1 ? "" : "s", image.bits());
}

}  // namespace ganymede
