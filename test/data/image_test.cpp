#include <catch2/catch.hpp>

#include <ganymede/data/image.h>
#include <ganymede/data/resize.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;

namespace {

Image row(const std::vector<int>& values) {
  Image image(1, static_cast<int>(values.size()), 1);
  for (std::size_t i = 0; i < values.size(); ++i) image.set(i, values[i]);
  return image;
}

void check_near(const Image& image, const std::vector<int>& expected, int tolerance) {
  REQUIRE(image.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("value " << i);
    CHECK(std::abs(image.value(i) - expected[i]) <= tolerance);
  }
}

}  // namespace

TEST_CASE("an image refuses extents, channels and bits that are none") {
  CHECK_THROWS_AS(Image(0, 3, 1), ShapeError);
  CHECK_THROWS_AS(Image(3, 3, 5), ShapeError);
  CHECK_THROWS_AS(Image(3, 3, 1, 12), ShapeError);
}

TEST_CASE("conversions happen by name only and keep full scale") {
  Image colour(1, 1, 4);
  colour.set(0, 255), colour.set(1, 0), colour.set(2, 0), colour.set(3, 255);
  CHECK(to_grey(colour).value(0) == 76);  // .299 * 255
  CHECK(drop_alpha(colour).channels() == 3);
  CHECK(to_channels(row({7}), 3).value(2) == 7);
  CHECK_THROWS_AS(to_channels(colour, 2), SettingError);
  CHECK(to_bits(row({0, 128, 255}), 16).words() == std::vector<std::uint16_t>{0, 32896, 65535});
  const Image deep = test::picture(1, 5, 4, 3, 16);
  CHECK(to_bits(to_bits(test::picture(2), 16), 8) == test::picture(2));
  CHECK(to_bits(deep, 8).bits() == 8);
}

TEST_CASE("float and back is the identity for 8 and 16 bits") {
  for (int bits : {8, 16}) {
    const Image image = test::picture(3, 7, 5, 3, bits);
    const std::vector<float> values = to_float(image, -1, 1);
    CHECK(*std::min_element(values.begin(), values.end()) >= -1);
    CHECK(from_float(values.data(), 7, 5, 3, bits, -1, 1) == image);
  }
}

TEST_CASE("padding to a square is centred and zero") {
  const Image padded = pad_to_square(row({1, 2, 3, 4}));
  CHECK(padded.height() == 4);
  CHECK(padded.at(1, 0) == 1);
  CHECK(padded.at(1, 3) == 4);
  CHECK(padded.at(0, 0) + padded.at(2, 1) + padded.at(3, 3) == 0);
}

TEST_CASE("resizing gives the values of the filters by hand") {
  check_near(resize(row({10, 20, 30, 50}), 1, 2, Resize::area), {15, 40}, 0);
  check_near(resize(row({0, 90, 30}), 1, 2, Resize::area), {30, 50}, 0);
  check_near(resize(row({0, 100}), 1, 4, Resize::bilinear), {0, 25, 75, 100}, 0);
}

TEST_CASE("bilinear and bicubic agree with Pillow within one grey level") {
  const Image a = row({10, 200, 30, 90});
  const Image b = row({0, 17, 250, 99, 3, 180, 76, 44, 210, 128});
  check_near(resize(a, 1, 8, Resize::bicubic), {0, 50, 170, 177, 65, 32, 75, 95}, 1);
  check_near(resize(b, 1, 3, Resize::bicubic), {87, 98, 126}, 1);
  check_near(resize(b, 1, 7, Resize::bicubic), {0, 161, 99, 90, 94, 111, 162}, 1);
  check_near(resize(a, 1, 8, Resize::bilinear), {10, 58, 153, 158, 73, 45, 75, 90}, 1);
  check_near(resize(b, 1, 3, Resize::bilinear), {84, 99, 128}, 1);
}

TEST_CASE("resizing keeps constants, channels and depth, and works per axis") {
  for (Resize mode : {Resize::area, Resize::bilinear, Resize::bicubic}) {
    Image image(9, 5, 3, 16);
    for (std::size_t i = 0; i < image.size(); ++i) image.set(i, 40000 + static_cast<int>(i % 3));
    const Image out = resize(image, 4, 13, mode);
    CHECK(out.height() == 4);
    CHECK(out.width() == 13);
    for (std::size_t i = 0; i < out.size(); ++i)
      REQUIRE(out.value(i) == 40000 + static_cast<int>(i % 3));
    CHECK(resize_mode(name_of(mode)) == mode);
  }
  CHECK_THROWS_AS(resize_mode("lanczos"), SettingError);
}

TEST_CASE("a grid places images in rows") {
  const Image grid = image_grid({row({1, 2}), row({3, 4}), row({5, 6})}, 2, 1, 9);
  CHECK(grid.height() == 3);
  CHECK(grid.width() == 5);
  CHECK(grid.at(0, 3) == 3);
  CHECK(grid.at(0, 2) == 9);
  CHECK(grid.at(2, 1) == 6);
  CHECK_THROWS_AS(image_grid({row({1}), Image(1, 1, 3)}, 2), ShapeError);
}
