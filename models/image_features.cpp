#include <ganymede/models/image_features.h>

#include <vector>

namespace ganymede {
namespace {

quality::Features features_of(FeatureExtractor& extractor, const quality::ImageSet& images,
                              bool mirrored) {
  quality::check_image_set("image features", images);
  const std::size_t width = std::size_t(images.width), channels = std::size_t(images.channels);
  std::vector<float> values(images.pixels.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t pixel = i / channels, x = pixel % width;
    const std::size_t from = mirrored ? pixel - x + (width - 1 - x) : pixel;
    values[i] = 2 * images.pixels[from * channels + i % channels] - 1;
  }
  const Shape shape{images.count, images.height, images.width, images.channels};
  return {extractor.features(Tensor::from(values, shape)), images.count, extractor.info().dims};
}

}  // namespace

quality::Features image_features(FeatureExtractor& extractor, const quality::ImageSet& images) {
  return features_of(extractor, images, false);
}

quality::MirroredFeatures mirrored_features(FeatureExtractor& extractor,
                                            const quality::ImageSet& images) {
  return {features_of(extractor, images, false), features_of(extractor, images, true)};
}

}  // namespace ganymede
