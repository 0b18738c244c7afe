#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/data/copies.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using test::picture;

namespace {

std::vector<Image> four(const Image& image, int i, std::uint64_t seed = 7) {
  return classic_copies(image, 4, {}, seed, "copies/" + std::to_string(i));
}

double mean(const Image& image) {
  double sum = 0;
  for (std::size_t i = 0; i < image.size(); ++i) sum += image.value(i);
  return sum / double(image.size());
}

Image filled(int channels, int bits, std::initializer_list<int> pixels) {
  Image image(1, static_cast<int>(pixels.size()) / channels, channels, bits);
  std::size_t i = 0;
  for (int value : pixels) image.set(i++, value);
  return image;
}

}  // namespace

TEST_CASE("copies: flips are exact") {
  for (const int bits : {8, 16})
    for (const int channels : {1, 3}) {
      const Image image = picture(1, 5, 4, channels, bits);
      const Image upside_down = flipped_vertically(image), mirrored = flipped_horizontally(image);
      for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 4; ++x)
          for (int c = 0; c < channels; ++c) {
            CHECK(upside_down.at(y, x, c) == image.at(4 - y, x, c));
            CHECK(mirrored.at(y, x, c) == image.at(y, 3 - x, c));
          }
      CHECK(flipped_vertically(upside_down) == image);
      CHECK(flipped_horizontally(mirrored) == image);
    }
}

// PIL's ImageEnhance by hand: the mean grey of (200, 100, 0) and (40, 40, 40) is 79.25.
TEST_CASE("copies: brightness, contrast and saturation") {
  const Image image = filled(3, 8, {200, 100, 0, 40, 40, 40});
  CHECK(recoloured(image, {}) == image);
  CHECK(recoloured(image, {.brightness = 0.8}) == filled(3, 8, {160, 80, 0, 32, 32, 32}));
  CHECK(recoloured(image, {.brightness = 1.5}) == filled(3, 8, {255, 150, 0, 60, 60, 60}));
  CHECK(recoloured(image, {.contrast = 0.8}) == filled(3, 8, {176, 96, 16, 48, 48, 48}));
  CHECK(recoloured(image, {.contrast = 0.0}) == filled(3, 8, {79, 79, 79, 79, 79, 79}));
  CHECK(recoloured(image, {.saturation = 0.5}) == filled(3, 8, {159, 109, 59, 40, 40, 40}));
  CHECK(recoloured(image, {.saturation = 0.25}) == filled(3, 8, {139, 114, 89, 40, 40, 40}));
}

TEST_CASE("copies: grey, 16 bits and alpha") {
  const Image grey = picture(3, 6, 5);
  CHECK(recoloured(grey, {.saturation = 0.1}) == grey);
  const Image deep = filled(1, 16, {50'000, 10'000});
  CHECK(recoloured(deep, {.brightness = 0.5}) == filled(1, 16, {25'000, 5'000}));
  CHECK(recoloured(deep, {.contrast = 0.5}) == filled(1, 16, {40'000, 20'000}));
  const Image alpha = filled(2, 8, {100, 255, 50, 7});
  CHECK(recoloured(alpha, {.brightness = 0.5}) == filled(2, 8, {50, 255, 25, 7}));
}

TEST_CASE("copies: what they are, and that chance comes from seed and path alone") {
  const Image image = picture(5, 9, 7, 3);
  int mirrored = 0;
  constexpr int tries = 2000;
  for (int i = 0; i < tries; ++i) {
    const std::vector<Image> copies = four(image, i);
    REQUIRE(copies.size() == 4);
    CHECK(copies[0] == image);
    CHECK(copies[1] == flipped_vertically(image));
    if (copies[2] != image) {
      CHECK(copies[2] == flipped_horizontally(image));
      ++mirrored;
    }
  }
  CHECK(std::abs(mirrored - 200) < 54);  // four deviations of a binomial at .1
  CHECK(four(image, 3) == four(image, 3));
  CHECK(four(image, 3)[3] != four(image, 4)[3]);
  CHECK(four(image, 3)[3] != four(image, 3, 8)[3]);
  const auto three = classic_copies(image, 3, {}, 7, "copies/3");
  const auto all = four(image, 3);
  CHECK(std::vector<Image>(all.begin(), all.begin() + 3) == three);
  for (const int count : {0, 5})
    CHECK_THROWS_AS(classic_copies(image, count, {}, 7, "copies"), SettingError);
}

TEST_CASE("copies: the fourth keeps its factors' bounds") {
  const Image grey = filled(1, 16, {40'000, 40'000});  // no contrast: brightness alone shows
  double lowest = 1, highest = 0;
  for (int i = 0; i < 500; ++i) {
    const double factor = mean(four(grey, i)[3]) / 40'000;
    lowest = std::min(lowest, factor);
    highest = std::max(highest, factor);
  }
  CHECK(lowest >= 0.7 - 1e-4);
  CHECK(lowest < 0.705);
  CHECK(highest <= 0.9 + 1e-4);
  CHECK(highest > 0.895);
}

TEST_CASE("copies: 1,080 images become 4,320, and with 443 fakes 5,649") {
  std::size_t count = 0;
  const Image image = picture(1, 2, 2, 3);
  for (int i = 0; i < 1080; ++i) count += four(image, i).size();
  CHECK(count == 4320);
  for (int i = 0; i < 443; ++i) count += classic_copies(image, 3, {}, 7, "fake").size();
  CHECK(count == 5649);
}
