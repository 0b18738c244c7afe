// Oriented gradients against values worked by hand.

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

#include <ganymede/kernels/error.h>
#include <ganymede/models/feature_extractor.h>

using namespace ganymede;

namespace {

constexpr int cells = 8, directions = 8;

using Picture = std::function<float(int y, int x)>;

std::vector<float> gradients(const Shape& image, const Picture& picture) {
  std::vector<float> values;
  for (int y = 0; y < image[0]; ++y)
    for (int x = 0; x < image[1]; ++x)
      for (int c = 0; c < image[2]; ++c) values.push_back(picture(y, x));
  const auto extractor = gradient_features(image);
  CHECK(extractor->info().dims == cells * cells * directions);
  return extractor->features(Tensor::from(values, {1, image[0], image[1], image[2]}));
}

float at(const std::vector<float>& features, int y, int x, int direction) {
  return features[std::size_t((y * cells + x) * directions + direction)];
}

}  // namespace

TEST_CASE("gradients of a plane lie in the two directions beside its own") {
  // Inside, all cells hold the same: half of the steps in each bin, over their mean length.
  constexpr float step = .02f;                             // in [-1, 1], so .01 of the range
  constexpr float share = .5f * directions * .01f / .02f;  // .01 more counts as noise
  const auto across = gradients({32, 32, 1}, [](int, int x) { return step * float(x - 16); });
  const auto down = gradients({32, 32, 3}, [](int y, int) { return -step * float(y - 16); });
  for (int k = 0; k < directions; ++k) {
    INFO(k);
    CHECK(at(across, 4, 3, k) == Approx(k == 0 || k == 7 ? share : 0).margin(2e-3));
    CHECK(at(down, 4, 3, k) == Approx(k == 3 || k == 4 ? share : 0).margin(2e-3));
  }
}

TEST_CASE("gradients do not see the exposure, and nothing where nothing is") {
  const Picture waves = [](int y, int x) {
    return .8f * std::sin(.31f * float(x)) * std::cos(.17f * float(y) + .05f * float(x));
  };
  const auto plain = gradients({64, 48, 1}, waves),
             pale = gradients({64, 48, 1}, [&](int y, int x) { return .6f * waves(y, x) + .3f; }),
             other = gradients({64, 48, 1}, [&](int y, int x) { return waves(y + 9, x + 7); });
  double paler = 0, moved = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    paler += std::pow(plain[i] - pale[i], 2);
    moved += std::pow(plain[i] - other[i], 2);
  }
  CHECK(paler < .02 * moved);
  for (float value : gradients({5, 5, 1}, [](int, int) { return .25f; })) CHECK(value == 0);
}

TEST_CASE("gradients name their resize and refuse other images") {
  CHECK(gradient_features({64, 64, 1})->info().resize == "none");
  CHECK(gradient_features({128, 96, 3})->info().resize == "area mean to 64x64");
  CHECK(feature_extractor("gradients", {20, 30, 1})->info().resize == "area mean to 20x20");
  CHECK_THROWS_AS(gradient_features({0, 8, 1}), ShapeError);
  CHECK_THROWS_AS(gradient_features({8, 8, 1})->features(Tensor({1, 8, 9, 1}, DType::u8)),
                  ShapeError);
  CHECK_THROWS_AS(feature_extractor("gradients:8", {8, 8, 1}), SettingError);
}
