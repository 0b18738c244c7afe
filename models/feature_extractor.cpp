#include <ganymede/models/feature_extractor.h>

#include <algorithm>
#include <charconv>

#include <ganymede/data/resize.h>
#include <ganymede/engine/var.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

constexpr const char* accepted_words =
    "expected pixels, pixels:SIDE, FILE.h5 or FILE.h5:DIMS (as in inception.h5:768)";

/// f32 in [-1, 1] as they are, stored ones scaled to it.
Tensor unit_range(const Tensor& images) {
  return images.dtype() == DType::f32 ? images : gather_images(images, Tensor());
}

class PixelFeatures : public FeatureExtractor {
 public:
  PixelFeatures(FeatureInfo info, const Shape& image, int side)
      : FeatureExtractor(std::move(info), 256), image_(image), side_(side) {}

 protected:
  Tensor rows(const Tensor& images) override {
    const Shape& s = images.shape();
    if (!(Shape{s[1], s[2], s[3]} == image_))
      throw ShapeError("pixel features: images of " + to_string(s) + ", expects N x " +
                       to_string(image_) + "; mend: bring both sets to one size");
    if (side_ == 0) return images.reshape({s[0], image_.elements()});
    const std::size_t size = std::size_t(image_.elements());
    const std::vector<float> from = images.host();
    std::vector<float> to;
    for (std::int64_t i = 0; i < s[0]; ++i) append(from.data() + std::size_t(i) * size, to);
    return Tensor::from(to, {s[0], info().dims});
  }

 private:
  /// By way of 16 bits: finer than anything that is stored.
  void append(const float* image, std::vector<float>& to) const {
    const Image stored =
        from_float(image, int(image_[0]), int(image_[1]), int(image_[2]), 16, -1, 1);
    const std::vector<float> small = to_float(resize(stored, side_, side_, Resize::area), -1, 1);
    to.insert(to.end(), small.begin(), small.end());
  }

  Shape image_;
  int side_;
};

/// The number after the last ':', taken off `words`; 0 where there is none.
int taken_number(std::string& words) {
  const std::size_t colon = words.rfind(':');
  if (colon == std::string::npos) return 0;
  int number = 0;
  const char *begin = words.data() + colon + 1, *end = words.data() + words.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (stop != end || error != std::errc() || number < 1)
    throw SettingError("features '" + words + "': " + accepted_words);
  words.resize(colon);
  return number;
}

}  // namespace

std::string distance_name(const FeatureInfo& info) {
  if (!info.fid) return "Frechet distance";
  return info.dims == 2048 ? "FID" : "FID-" + std::to_string(info.dims);
}

std::vector<float> FeatureExtractor::features(const Tensor& images) {
  return features_on_device(images).host();
}

Tensor FeatureExtractor::features_on_device(const Tensor& images) {
  if (images.shape().rank() != 4)
    throw ShapeError(info_.name + ": images of " + to_string(images.shape()) +
                     ", expects N x H x W x C");
  const Recording off(false);
  const std::int64_t count = images.shape()[0];
  const Tensor all({count, info_.dims});
  for (std::int64_t i = 0; i < count; i += chunk_) {
    const std::int64_t end = std::min(count, i + chunk_);
    all.slice(i, end).copy_from(rows(unit_range(images.slice(i, end))));
  }
  return all;
}

std::unique_ptr<FeatureExtractor> pixel_features(const Shape& image, int side) {
  if (side < 0)
    throw SettingError("pixel features: side " + std::to_string(side) + ", expected 0 or more");
  if (image.rank() != 3 || image.elements() == 0)
    throw ShapeError("pixel features: an image of " + to_string(image) + ", expected H x W x C");
  const bool kept = side == 0 || (image[0] == side && image[1] == side);
  const std::string size = std::to_string(side);
  FeatureInfo info{.name = "raw pixels",
                   .dims = int(kept ? image.elements() : std::int64_t{side} * side * image[2]),
                   .resize = kept ? "none" : "area mean to " + size + "x" + size};
  return std::make_unique<PixelFeatures>(std::move(info), image, kept ? 0 : side);
}

std::unique_ptr<FeatureExtractor> feature_extractor(const std::string& words, const Shape& image) {
  std::string rest = words;
  const int number = taken_number(rest);
  if (rest == "pixels") return pixel_features(image, number);
  if (rest.ends_with(".h5")) return network_features(rest, number);
  throw SettingError("features '" + words + "': " + accepted_words);
}

}  // namespace ganymede
