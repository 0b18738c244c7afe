#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include <ganymede/data/copies.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/engine/random.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/augment.h>
#include <ganymede/models/pixels.h>

using namespace ganymede;

namespace {

const ClassicOptions nothing{.rotation = 0,
                             .shift = 0,
                             .shear = 0,
                             .zoom = 0,
                             .horizontal_flip = false,
                             .vertical_flip = false};

Tensor pictures(const Shape& shape) { return Rng(3, "pictures").uniform(shape, -1.0f, 1.0f); }

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, double(std::fabs(a[i] - b[i])));
  return largest;
}

/// An image of the batch in 8 bits.
Image stored(const Tensor& batch, std::int64_t i) {
  const Shape& s = batch.shape();
  return from_float(batch.slice(i, i + 1).host().data(), int(s[1]), int(s[2]), int(s[3]), 8, -1, 1);
}

}  // namespace

TEST_CASE("augment: by default nothing but the affine maps, from their own stream") {
  const Tensor x = pictures({3, 9, 8, 3});
  HostRng rng(4, "augment");
  const Tensor matrices = Tensor::from(random_warps({}, 3, 9, 8, rng), {3, 6});
  const auto expected = affine_warp(x, matrices, kernels::Fill2d::nearest).value().host();
  CHECK(ClassicAugmentation({}, 4, "augment")(x).host() == expected);
  CHECK(ClassicAugmentation({}, 4, "other")(x).host() != expected);
  CHECK(ClassicAugmentation(nothing, 4, "augment")(x).host() == x.host());
}

TEST_CASE("augment: what is turned on leaves the rest as it was") {
  const Tensor x = pictures({4, 9, 8, 3});
  ClassicOptions colour, both;
  colour.brightness = colour.contrast = colour.saturation = 0.3f;
  both = colour;
  both.elastic = 0.05f;
  HostRng warps(4, "a"), controls(4, "a/elastic"), colours(4, "a/colour");
  const Tensor m = Tensor::from(random_warps({}, 4, 9, 8, warps), {4, 6});
  const Tensor d = Tensor::from(random_controls(both, 4, 9, 8, controls), {4, 7, 7, 2});
  const ColourFactors f = random_colours(both, 4, colours);
  const auto fill = kernels::Fill2d::nearest;
  CHECK(ClassicAugmentation(colour, 4, "a")(x).host() ==
        recolour(affine_warp(x, m, fill).value(), f).host());
  CHECK(ClassicAugmentation(both, 4, "a")(x).host() ==
        recolour(elastic_warp(x, m, d, fill).value(), f).host());
}

TEST_CASE("augment: colours are the same as those of stored images") {
  for (const std::int64_t channels : {1, 2, 3, 4}) {
    const Tensor x = pictures({3, 7, 6, channels});
    const ColourFactors f{.brightness = {0.7f, 1.0f, 1.4f},
                          .contrast = {1.3f, 0.5f, 0.9f},
                          .saturation = {0.8f, 1.5f, 0.0f}};
    const Tensor y = recolour(x, f);
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::size_t k = std::size_t(i);
      const Image image =
          recoloured(stored(x, i), {f.brightness[k], f.contrast[k], f.saturation[k]});
      // One step of 8 bits for each of the two roundings, a little more where contrast stretches.
      CHECK(largest_difference(to_float(image, 0, 1), to_float(stored(y, i), 0, 1)) <= 2.01 / 255);
    }
    CHECK(largest_difference(recolour(x, {}).host(), x.host()) <= 1e-6);
  }
  CHECK_THROWS_AS(recolour(pictures({3, 2, 2, 1}), {.contrast = {1.0f}}), ShapeError);
}

TEST_CASE("augment: factors keep their bounds and follow the strength") {
  ClassicOptions o = nothing;
  o.brightness = 0.2f;
  o.saturation = 0.8f;
  o.strength = 1.5f;
  HostRng rng(1, "factors");
  const ColourFactors f = random_colours(o, 4000, rng);
  const auto [low, high] = std::ranges::minmax(f.brightness);
  CHECK((low >= 0.7f && low < 0.705f && high <= 1.3f && high > 1.295f));
  CHECK(f.contrast.empty());
  const auto [grey, vivid] = std::ranges::minmax(f.saturation);
  CHECK((grey == 0.0f && vivid <= 2.2f && vivid > 2.15f));  // never negative
}

TEST_CASE("augment: control points move by the given share of each side") {
  ClassicOptions o = nothing;
  o.elastic = 0.04f;
  o.strength = 0.5f;
  HostRng rng(1, "controls");
  const std::vector<float> controls = random_controls(o, 200, 50, 100, rng);
  REQUIRE(controls.size() == 200 * 7 * 7 * 2);
  double rows = 0, columns = 0;
  for (std::size_t i = 0; i < controls.size(); i += 2) {
    rows += double(controls[i]) * controls[i];
    columns += double(controls[i + 1]) * controls[i + 1];
  }
  const double points = double(controls.size()) / 2;
  CHECK(std::sqrt(rows / points) == Approx(1.0).margin(0.03));
  CHECK(std::sqrt(columns / points) == Approx(2.0).margin(0.06));
  o.brightness = 0.2f;
  const Tensor x = pictures({2, 16, 16, 1});
  const auto y = ClassicAugmentation(o, 1, "a")(x).host();
  CHECK(y == ClassicAugmentation(o, 1, "a")(x).host());
  for (float v : y) CHECK((v >= -1.0f && v <= 1.0f));
}
