#include <ganymede/data/copies.h>

#include <algorithm>
#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede {
namespace {

/// to(y, x) = from(place of y, place of x)
template <class Row, class Column>
Image rearranged(const Image& image, const Row& row, const Column& column) {
  Image out(image.height(), image.width(), image.channels(), image.bits());
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      for (int c = 0; c < image.channels(); ++c) out.set(y, x, c, image.at(row(y), column(x), c));
  return out;
}

/// An image's colours (1 or 3 channels, no alpha) in [0, 1] while they are changed.
class Colours {
 public:
  explicit Colours(const Image& image) : image_(image), values_(to_float(image, 0, 1)) {}

  void brightness(double factor) {
    each_pixel([&](std::size_t i) { blend(i, 0.0, factor); });
  }
  void contrast(double factor) {
    double sum = 0;
    each_pixel([&](std::size_t i) { sum += grey(i); });
    const double mean = sum / (double(image_.height()) * image_.width());
    each_pixel([&](std::size_t i) { blend(i, mean, factor); });
  }
  void saturation(double factor) {
    if (colours() == 3) each_pixel([&](std::size_t i) { blend(i, grey(i), factor); });
  }
  Image image() const {
    return from_float(values_.data(), image_.height(), image_.width(), image_.channels(),
                      image_.bits(), 0, 1);
  }

 private:
  int colours() const { return image_.channels() < 3 ? 1 : 3; }

  template <class Body>
  void each_pixel(const Body& body) {
    for (std::size_t i = 0; i < values_.size(); i += std::size_t(image_.channels())) body(i);
  }
  double grey(std::size_t i) const {
    if (colours() == 1) return values_[i];
    return 0.299 * values_[i] + 0.587 * values_[i + 1] + 0.114 * values_[i + 2];
  }
  /// other + factor (x - other)
  void blend(std::size_t i, double other, double factor) {
    for (std::size_t c = i; c < i + std::size_t(colours()); ++c)
      values_[c] = static_cast<float>(std::clamp(other + factor * (values_[c] - other), 0.0, 1.0));
  }

  const Image& image_;
  std::vector<float> values_;
};

Image colour_copy(const Image& image, const CopyOptions& o, std::uint64_t seed,
                  const std::string& path) {
  HostRng rng(seed, path + "/colour");
  const auto factor = [&] { return rng.uniform(o.colour_low, o.colour_high); };
  ColourChange change;
  change.brightness = factor();
  change.contrast = factor();
  change.saturation = factor();
  return recoloured(image, change);
}

}  // namespace

Image flipped_vertically(const Image& image) {
  return rearranged(
      image, [&](int y) { return image.height() - 1 - y; }, [](int x) { return x; });
}

Image flipped_horizontally(const Image& image) {
  return rearranged(
      image, [](int y) { return y; }, [&](int x) { return image.width() - 1 - x; });
}

Image recoloured(const Image& image, const ColourChange& change) {
  Colours colours(image);
  colours.brightness(change.brightness);
  colours.contrast(change.contrast);
  colours.saturation(change.saturation);
  return colours.image();
}

std::vector<Image> classic_copies(const Image& image, int count, const CopyOptions& options,
                                  std::uint64_t seed, std::string_view path) {
  if (count < 1 || count > all_copies)
    throw SettingError("classic_copies: " + std::to_string(count) + " copies; choose 1 to " +
                       std::to_string(all_copies));
  const std::string name(path);
  const bool mirror = HostRng(seed, name + "/flip").uniform() < options.horizontal_flip;
  std::vector<Image> copies{image};
  if (count > 1) copies.push_back(flipped_vertically(image));
  if (count > 2) copies.push_back(mirror ? flipped_horizontally(image) : image);
  if (count > 3) copies.push_back(colour_copy(image, options, seed, name));
  return copies;
}

}  // namespace ganymede
