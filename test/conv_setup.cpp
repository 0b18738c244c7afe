#include "test/conv_setup.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "test/sentinels.h"

namespace ganymede::test {

using kernels::ConvShape;

ConvShape conv_shape(int n, int h, int w, int c, int k, int r, int s, int stride, int pad) {
  ConvShape shape{n, h, w, c, k, r, s, stride, stride};
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = pad;
  return shape;
}

ConvShape grouped(ConvShape s, int groups) {
  s.groups = groups;
  return s;
}

ConvShape strided(ConvShape s, std::int64_t x, std::int64_t y) {
  s.x_pixel_stride = x, s.y_pixel_stride = y;
  return s;
}

std::vector<float> spread(const DArray& x, std::int64_t channels, std::int64_t stride) {
  std::vector<float> wide(static_cast<std::size_t>(x.elements() / channels * stride), NAN);
  for (std::int64_t i = 0; i < x.elements(); ++i)
    wide[static_cast<std::size_t>(i / channels * stride + i % channels)] = static_cast<float>(x[i]);
  return wide;
}

std::vector<float> gathered(const std::vector<float>& wide, std::int64_t channels,
                            std::int64_t stride, const std::string& what) {
  std::vector<float> x;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (static_cast<std::int64_t>(i) % stride < channels)
      x.push_back(wide[i]);
    else if (!Sentinels::untouched(wide[i]))
      FAIL_CHECK(what << ": written between two pixels");
  }
  return x;
}

ConvSetup::ConvSetup(const ConvShape& shape, const std::string& backend, double tolerance)
    : s(shape),
      where(to_string(image_of(s)) + " * " + to_string(weights_of(s)) + " to " +
            to_string(output_of(s)) + " on " + backend),
      k(tolerance) {
  TestRng rng(13);
  x = rng.array(image_of(s)), w = rng.array(weights_of(s)), gy = rng.array(output_of(s));
}

}  // namespace ganymede::test
