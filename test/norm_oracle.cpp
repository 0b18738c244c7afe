#include "test/norm_oracle.h"

#include <cmath>

namespace ganymede::test {
namespace {

/// Of the elements first, first + step, ... below `end`.
Moments moments(const DArray& x, std::int64_t first, std::int64_t end, std::int64_t step) {
  Moments m;
  const double count = static_cast<double>((end - first + step - 1) / step);
  for (std::int64_t i = first; i < end; i += step) m.mean += x[i] / count;
  for (std::int64_t i = first; i < end; i += step)
    m.variance += (x[i] - m.mean) * (x[i] - m.mean) / count;
  return m;
}

}  // namespace

double normalised(const DArrays& in, std::int64_t i, const Moments& m, double epsilon) {
  const std::int64_t c = i % in[0].shape[-1];
  const double xhat = (in[0][i] - m.mean) / std::sqrt(m.variance + epsilon);
  return xhat * (in.size() > 1 ? in[1][c] : 1.0) + (in.size() > 2 ? in[2][c] : 0.0);
}

Oracle batch_norm_oracle(double epsilon) {
  return [=](const DArrays& in) {
    DArray y = in[0];
    const std::int64_t channels = y.shape[-1];
    for (std::int64_t c = 0; c < channels; ++c) {
      const Moments m = moments(in[0], c, y.elements(), channels);
      for (std::int64_t i = c; i < y.elements(); i += channels)
        y[i] = normalised(in, i, m, epsilon);
    }
    return y;
  };
}

Oracle layer_norm_oracle(double epsilon) {
  return [=](const DArrays& in) {
    DArray y = in[0];
    const std::int64_t width = y.elements() / y.shape[0];
    for (std::int64_t row = 0; row < y.shape[0]; ++row) {
      const Moments m = moments(in[0], row * width, (row + 1) * width, 1);
      for (std::int64_t i = row * width; i < (row + 1) * width; ++i)
        y[i] = normalised(in, i, m, epsilon);
    }
    return y;
  };
}

DArray plus(DArray y, const DArray& addend) {
  for (std::int64_t i = 0; i < y.elements(); ++i) y[i] += addend[i];
  return y;
}

DArray leaky_relu_oracle(DArray y, double slope) {
  for (double& value : y.v) value = value > 0 ? value : slope * value;
  return y;
}

}  // namespace ganymede::test
