#include <ganymede/models/feature_pixels.h>

#include <ganymede/data/resize.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/feature_extractor.h>

namespace ganymede {
namespace {

constexpr int most_side = 1024;  // a row of features is then 8 MB in double

class PixelFeatures : public FeatureExtractor {
 public:
  PixelFeatures(FeatureInfo info, const Shape& image, int side)
      : FeatureExtractor(std::move(info), 256), image_(image), side_(side) {}

 protected:
  Tensor rows(const Tensor& images) override {
    require_images_of(image_, images, "pixel features");
    const std::int64_t count = images.shape()[0];
    if (side_ == 0) return images.reshape({count, image_.elements()});
    const std::vector<float> from = images.host();
    std::vector<float> to;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::vector<float> small =
          area_mean(from.data() + i * image_.elements(), image_, side_);
      to.insert(to.end(), small.begin(), small.end());
    }
    return Tensor::from(to, {count, info().dims});
  }

 private:
  Shape image_;
  int side_;
};

}  // namespace

void require_image(const Shape& image, const std::string& who) {
  if (image.rank() != 3 || image.elements() == 0)
    throw ShapeError(who + ": an image of " + to_string(image) + ", expected H x W x C");
}

void require_images_of(const Shape& image, const Tensor& images, const std::string& who) {
  const Shape& s = images.shape();
  if (!(Shape{s[1], s[2], s[3]} == image))
    throw ShapeError(who + ": images of " + to_string(s) + ", expects N x " + to_string(image) +
                     "; mend: bring both sets to one size");
}

std::vector<float> area_mean(const float* values, const Shape& image, int side) {
  // By way of 16 bits: finer than anything that is stored.
  const Image stored = from_float(values, int(image[0]), int(image[1]), int(image[2]), 16, -1, 1);
  return to_float(resize(stored, side, side, Resize::area), -1, 1);
}

std::unique_ptr<FeatureExtractor> pixel_features(const Shape& image, int side) {
  if (side < 0 || side > most_side)
    throw SettingError("pixel features: side " + std::to_string(side) + ", expected 0 to " +
                       std::to_string(most_side));
  require_image(image, "pixel features");
  const bool kept = side == 0 || (image[0] == side && image[1] == side);
  const std::string size = std::to_string(side);
  FeatureInfo info{.name = "raw pixels",
                   .dims = int(kept ? image.elements() : std::int64_t{side} * side * image[2]),
                   .resize = kept ? "none" : "area mean to " + size + "x" + size};
  return std::make_unique<PixelFeatures>(std::move(info), image, kept ? 0 : side);
}

}  // namespace ganymede
