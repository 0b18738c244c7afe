#include <ganymede/models/feature_extractor.h>

#include <algorithm>
#include <charconv>

#include <ganymede/engine/var.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

constexpr const char* accepted_words =
    "expected pixels, pixels:SIDE, gradients, FILE.h5 or FILE.h5:DIMS (as in inception.h5:768)";

/// f32 in [-1, 1] as they are, stored ones scaled to it.
Tensor unit_range(const Tensor& images) {
  return images.dtype() == DType::f32 ? images : gather_images(images, Tensor());
}

/// The number after the last ':', taken off `words`; 0 where there is none, as in a file's path.
int taken_number(std::string& words) {
  const std::size_t colon = words.rfind(':');
  if (colon == std::string::npos) return 0;
  int number = 0;
  const char *begin = words.data() + colon + 1, *end = words.data() + words.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (words.ends_with(".h5")) return 0;
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

std::unique_ptr<FeatureExtractor> feature_extractor(const std::string& words, const Shape& image) {
  std::string rest = words;
  const int number = taken_number(rest);
  if (rest == "pixels") return pixel_features(image, number);
  if (words == "gradients") return gradient_features(image);
  if (rest.ends_with(".h5")) return network_features(rest, number);
  throw SettingError("features '" + words + "': " + accepted_words);
}

}  // namespace ganymede
