#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/data/image.h>
#include <ganymede/data/resize.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/quality/image_set.h>
#include <ganymede/models/quality/nearest.h>

namespace ganymede::test {

/// Square grey images in [0, 1] with their patients.
struct AuditImages {
  explicit AuditImages(int side_in) : side(side_in) {}

  void add(std::vector<float> values, int group) {
    pixels.insert(pixels.end(), values.begin(), values.end());
    groups.push_back(group);
  }
  void add(const Image& image, int group) {
    const Image small = resize(to_grey(image), side, side, Resize::area);
    std::vector<float> values;
    for (std::size_t i = 0; i < small.size(); ++i)
      values.push_back(float(small.value(i)) / float(small.max_value()));
    add(std::move(values), group);
  }
  int count() const { return int(groups.size()); }
  quality::ImageSet set() const { return {pixels, count(), side, side, 1}; }
  std::vector<float> image(int i) const {
    const auto values = set().image(std::size_t(i));
    return {values.begin(), values.end()};
  }

  int side;
  std::vector<float> pixels;
  std::vector<int> groups;
};

inline std::vector<float> mirror_image(std::vector<float> image, int side) {
  for (int y = 0; y < side; ++y)
    std::reverse(image.begin() + y * side, image.begin() + (y + 1) * side);
  return image;
}

/// What a study audits in beside pixels.
inline std::unique_ptr<FeatureExtractor> gradients_for(const AuditImages& images) {
  return gradient_features({images.side, images.side, 1});
}

/// A fixed random projection to `dims` features, rectified.
class Projection {
 public:
  Projection(int values, int dims) : dims_(dims) {
    HostRng rng(3, "projection");
    for (int i = 0; i < values * dims; ++i) weights_.push_back(rng.normal() / std::sqrt(values));
  }
  quality::Features of(const AuditImages& images, bool mirrored) const {
    std::vector<double> rows;
    for (int i = 0; i < images.count(); ++i) {
      const auto image = mirrored ? mirror_image(images.image(i), images.side) : images.image(i);
      for (int k = 0; k < dims_; ++k) {
        double sum = 0;
        for (std::size_t j = 0; j < image.size(); ++j)
          sum += weights_[std::size_t(k) * image.size() + j] * (image[j] - .5);
        rows.push_back(std::max(sum, 0.));
      }
    }
    return {std::span<const double>(rows), images.count(), dims_};
  }
  quality::MirroredFeatures both(const AuditImages& images) const {
    return {of(images, false), of(images, true)};
  }

 private:
  int dims_;
  std::vector<double> weights_;
};

}  // namespace ganymede::test
