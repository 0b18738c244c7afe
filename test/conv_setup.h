#pragma once
// What the tests of the conv kernels share: a shape's operands, made and read back with pixel
// strides.

#include <string>
#include <vector>

#include "test/conv_oracle.h"
#include "test/tolerance.h"

namespace ganymede::test {

/// One stride and one pad for all sides.
kernels::ConvShape conv_shape(int n, int h, int w, int c, int k, int r, int s, int stride = 1,
                              int pad = 0);
kernels::ConvShape grouped(kernels::ConvShape s, int groups);
/// Slices of wider tensors: pixels of x and y so many values apart.
kernels::ConvShape strided(kernels::ConvShape s, std::int64_t x, std::int64_t y);

/// Rows of `channels` values, `stride` apart; the gap holds NaN.
std::vector<float> spread(const DArray& x, std::int64_t channels, std::int64_t stride);
/// The other way; fails where a gap was written to.
std::vector<float> gathered(const std::vector<float>& wide, std::int64_t channels,
                            std::int64_t stride, const std::string& what);

/// One shape's operands.
struct ConvSetup {
  kernels::ConvShape s;
  std::string where;
  double k;
  DArray x, w, gy;

  ConvSetup(const kernels::ConvShape& shape, const std::string& backend,
            double tolerance = tolerance::conv);
  std::int64_t x_count() const { return x.elements() / s.channels * s.x_stride(); }
  std::int64_t y_count() const { return gy.elements() / s.filters * s.y_stride(); }
  std::vector<float> wide_x() const { return spread(x, s.channels, s.x_stride()); }
  std::vector<float> wide_gy() const { return spread(gy, s.filters, s.y_stride()); }
};

}  // namespace ganymede::test
