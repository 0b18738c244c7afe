#include <ganymede/models/feature_extractor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <ganymede/kernels/error.h>
#include <ganymede/models/feature_pixels.h>

namespace ganymede {
namespace {

constexpr int cells = 8;       // a side
constexpr int directions = 8;  // of half a turn: an edge's two sides may swap
constexpr int most_side = 64;
constexpr float least_contrast = .01f;  // mean step per pixel, of the range; below it is noise

/// Linear shares of a position between the two nearest of `count` bins, whose middles are at .5,
/// 1.5, ...: position 0 lies between -1 and 0.
struct Shares {
  int bin[2];
  float share[2];
  explicit Shares(float position) {
    const float low = std::floor(position - .5f), above = position - .5f - low;
    bin[0] = int(low), bin[1] = bin[0] + 1;
    share[0] = 1 - above, share[1] = above;
  }
};

class Histograms {
 public:
  Histograms() : values_(std::size_t(cells * cells * directions)) {}

  /// A step (dx, dy) at a place, both axes 0 to `cells`. What lies beyond the border is lost.
  void add(float x, float y, float dx, float dy) {
    const float size = std::hypot(dx, dy);
    if (size == 0) return;
    float turn = std::atan2(dy, dx) / std::numbers::pi_v<float>;  // -1 to 1
    turn = (turn < 0 ? turn + 1 : turn) * directions;
    const Shares across(x), down(y), around(turn);
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j)
        if (inside(down.bin[i]) && inside(across.bin[j]))
          for (int k = 0; k < 2; ++k)
            at(down.bin[i], across.bin[j])[(around.bin[k] + directions) % directions] +=
                size * down.share[i] * across.share[j] * around.share[k];
  }

  /// Each cell over the contrast of its 3 x 3 neighbourhood, so that brighter or paler films of one
  /// chest are alike. `pixels`: in a cell.
  void append_normalised(float pixels, std::vector<float>& to) const {
    for (int y = 0; y < cells; ++y)
      for (int x = 0; x < cells; ++x) {
        const float scale = 1 / (contrast(y, x) + least_contrast * pixels);
        for (int k = 0; k < directions; ++k) to.push_back(at(y, x)[k] * scale * directions);
      }
  }

 private:
  static bool inside(int i) { return i >= 0 && i < cells; }
  float* at(int y, int x) { return values_.data() + (y * cells + x) * directions; }
  const float* at(int y, int x) const { return values_.data() + (y * cells + x) * directions; }

  /// Mean length of all steps in a cell and its neighbours.
  float contrast(int y, int x) const {
    float sum = 0;
    int found = 0;
    for (int i = y - 1; i <= y + 1; ++i)
      for (int j = x - 1; j <= x + 1; ++j)
        if (inside(i) && inside(j)) {
          for (int k = 0; k < directions; ++k) sum += at(i, j)[k];
          ++found;
        }
    return sum / float(found);
  }

  std::vector<float> values_;
};

class GradientFeatures : public FeatureExtractor {
 public:
  GradientFeatures(FeatureInfo info, const Shape& image, int side)
      : FeatureExtractor(std::move(info), 256), image_(image), side_(side) {}

 protected:
  Tensor rows(const Tensor& images) override {
    require_images_of(image_, images, info().name);
    const std::vector<float> from = images.host();
    std::vector<float> to;
    for (std::int64_t i = 0; i < images.shape()[0]; ++i)
      append(from.data() + i * image_.elements(), to);
    return Tensor::from(to, {images.shape()[0], info().dims});
  }

 private:
  void append(const float* image, std::vector<float>& to) const {
    const std::vector<float> small = area_mean(image, image_, side_);
    const int channels = int(image_[2]);
    const auto grey = [&](int y, int x) {  // 0 to 1
      const std::size_t place = std::size_t(std::clamp(y, 0, side_ - 1)) * std::size_t(side_) +
                                std::size_t(std::clamp(x, 0, side_ - 1));
      float sum = 0;
      for (int c = 0; c < channels; ++c)
        sum += small[place * std::size_t(channels) + std::size_t(c)];
      return (sum / float(channels) + 1) / 2;
    };
    Histograms found;
    const float scale = float(cells) / float(side_);
    for (int y = 0; y < side_; ++y)
      for (int x = 0; x < side_; ++x)
        found.add((float(x) + .5f) * scale, (float(y) + .5f) * scale,
                  (grey(y, x + 1) - grey(y, x - 1)) / 2, (grey(y + 1, x) - grey(y - 1, x)) / 2);
    found.append_normalised(1 / (scale * scale), to);
  }

  Shape image_;
  int side_;
};

}  // namespace

std::unique_ptr<FeatureExtractor> gradient_features(const Shape& image) {
  require_image(image, "gradient features");
  const int side = int(std::min({std::int64_t{most_side}, image[0], image[1]}));
  const bool kept = image[0] == side && image[1] == side;
  const std::string size = std::to_string(side);
  return std::make_unique<GradientFeatures>(
      FeatureInfo{.name = "oriented gradients",
                  .dims = cells * cells * directions,
                  .resize = kept ? "none" : "area mean to " + size + "x" + size},
      image, side);
}

}  // namespace ganymede
