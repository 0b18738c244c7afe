#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/similarity.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr int window = 11, most_scales = 5;

std::array<double, window> make_gaussian() {
  std::array<double, window> weights{};
  for (int i = 0; i < window; ++i) weights[i] = std::exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.);
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// One channel of a picture.
struct Plane {
  std::vector<double> values;
  int height, width;

  Plane(int h, int w) : values(std::size_t(h) * w), height(h), width(w) {}
  double& at(int y, int x) { return values[std::size_t(y) * width + x]; }
  double at(int y, int x) const { return values[std::size_t(y) * width + x]; }
};

Plane plane_of(const Picture& picture, int channel) {
  Plane plane(picture.height, picture.width);
  for (std::size_t i = 0; i < plane.values.size(); ++i)
    plane.values[i] = picture.values[i * std::size_t(picture.channels) + std::size_t(channel)];
  return plane;
}

Plane product(const Plane& a, const Plane& b) {
  Plane result(a.height, a.width);
  for (std::size_t i = 0; i < result.values.size(); ++i)
    result.values[i] = a.values[i] * b.values[i];
  return result;
}

/// At each of `count` places the weighted sum of `window` values, `step` apart.
void weighted_sums(const double* from, std::ptrdiff_t step, int count, double* to) {
  static const auto gaussian = make_gaussian();
  const auto weights = gaussian;  // a copy, so that no store can be to it
  for (int x = 0; x < count; ++x) {
    double sum = 0;
    for (int k = 0; k < window; ++k) sum += weights[k] * from[x + k * step];
    to[x] = sum;
  }
}

/// Gaussian means at all places where the window lies inside.
Plane filtered(const Plane& plane) {
  Plane rows(plane.height, plane.width - window + 1);
  for (int y = 0; y < rows.height; ++y)
    weighted_sums(&plane.values[std::size_t(y) * plane.width], 1, rows.width, &rows.at(y, 0));
  Plane result(plane.height - window + 1, rows.width);
  for (int y = 0; y < result.height; ++y)
    weighted_sums(&rows.at(y, 0), rows.width, rows.width, &result.at(y, 0));
  return result;
}

Plane halved(const Plane& plane) {
  Plane result(plane.height / 2, plane.width / 2);
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x)
      result.at(y, x) = (plane.at(2 * y, 2 * x) + plane.at(2 * y, 2 * x + 1) +
                         plane.at(2 * y + 1, 2 * x) + plane.at(2 * y + 1, 2 * x + 1)) /
                        4;
  return result;
}

/// Means over all places.
struct Likeness {
  double ssim = 0;
  double structure = 0;  ///< contrast and structure, without luminance
};

Likeness likeness_of(Plane a, Plane b, double range) {
  // Variances are differences of means of squares: a common level taken off first keeps digits.
  const double level =
      std::accumulate(a.values.begin(), a.values.end(), 0.) / double(a.values.size());
  for (double& value : a.values) value -= level;
  for (double& value : b.values) value -= level;
  const Plane ma = filtered(a), mb = filtered(b), aa = filtered(product(a, a)),
              bb = filtered(product(b, b)), ab = filtered(product(a, b));
  const double c1 = .01 * range * .01 * range, c2 = .03 * range * .03 * range;
  const double n = double(ma.values.size());
  Likeness result;
  for (std::size_t i = 0; i < ma.values.size(); ++i) {
    const double da = ma.values[i], db = mb.values[i], x = da + level, y = db + level;
    const double structure = (2 * (ab.values[i] - da * db) + c2) /
                             (aa.values[i] - da * da + bb.values[i] - db * db + c2);
    result.structure += structure / n;
    result.ssim += structure * (2 * x * y + c1) / (x * x + y * y + c1) / n;
  }
  return result;
}

void check(const char* who, const Picture& a, const Picture& b, double range) {
  if (a.height != b.height || a.width != b.width || a.channels != b.channels)
    throw ShapeError(fmt::format("{}: {}x{}x{} against {}x{}x{}", who, a.height, a.width,
                                 a.channels, b.height, b.width, b.channels));
  const std::size_t size = std::size_t(a.height) * a.width * a.channels;
  if (a.values.size() != size || b.values.size() != size)
    throw ShapeError(fmt::format("{}: {} and {} values for pictures of {}", who, a.values.size(),
                                 b.values.size(), size));
  if (std::min(a.height, a.width) < window)
    throw ShapeError(fmt::format("{}: pictures of {}x{}; the window wants {} pixels a side", who,
                                 a.height, a.width, window));
  if (!(range > 0)) throw UsageError(fmt::format("{}: range {} is not above 0", who, range));
}

double ms_ssim_of(Plane a, Plane b, double range) {
  const int scales = ms_ssim_scales(std::min(a.height, a.width));
  const double sum = std::accumulate(ms_ssim_weights, ms_ssim_weights + scales, 0.);
  double result = 1;
  for (int scale = 0; scale < scales; ++scale) {
    const Likeness likeness = likeness_of(a, b, range);
    const bool last = scale + 1 == scales;
    result *= std::pow(std::max(0., last ? likeness.ssim : likeness.structure),
                       ms_ssim_weights[scale] / sum);
    if (!last) a = halved(a), b = halved(b);
  }
  return result;
}

}  // namespace

double ssim(const Picture& a, const Picture& b, double range) {
  check("ssim", a, b, range);
  double sum = 0;
  for (int c = 0; c < a.channels; ++c)
    sum += likeness_of(plane_of(a, c), plane_of(b, c), range).ssim;
  return sum / a.channels;
}

int ms_ssim_scales(int smaller_side) {
  int scales = 0;
  for (; scales < most_scales && smaller_side >= window; smaller_side /= 2) ++scales;
  return scales;
}

double ms_ssim(const Picture& a, const Picture& b, double range) {
  check("ms_ssim", a, b, range);
  double sum = 0;
  for (int c = 0; c < a.channels; ++c) sum += ms_ssim_of(plane_of(a, c), plane_of(b, c), range);
  return sum / a.channels;
}

}  // namespace ganymede::quality
