#include <ganymede/models/latent_walk.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/significance.h>

namespace ganymede {
namespace {

using Point = std::vector<float>;

double product(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void require_loop(const char* who, std::int64_t stops, int steps) {
  if (stops < 2 || steps < 1)
    throw ShapeError(
        fmt::format("{}: {} stops, {} steps; a loop wants at least 2 stops and 1 step "
                    "between them",
                    who, stops, steps));
}

/// Uniform numbers as normal ones of the same quantile; those at the very end as far out as float's
/// resolution of the middle would be.
void to_normal(Point& point) {
  constexpr double end = 0x1p-25;
  for (float& v : point)
    v = float(quality::normal_quantile(std::clamp((double(v) + 1) / 2, end, 1 - end)));
}

void to_uniform(Point& point) {
  for (float& v : point) v = float(2 * quality::normal_tail_below(v) - 1);
}

std::vector<Point> rows_of(const Tensor& table) {
  const std::vector<float> values = table.host();
  const std::int64_t length = table.shape()[1];
  std::vector<Point> rows;
  for (std::int64_t i = 0; i < table.shape()[0]; ++i)
    rows.emplace_back(values.begin() + i * length, values.begin() + (i + 1) * length);
  return rows;
}

}  // namespace

Point slerp(std::span<const float> a, std::span<const float> b, double t) {
  if (a.size() != b.size())
    throw ShapeError(fmt::format("slerp: points of {} and {} numbers", a.size(), b.size()));
  const double length_a = std::sqrt(product(a, a)), length_b = std::sqrt(product(b, b));
  double of_a = 1 - t, of_b = t;  // how much of each
  const double cosine = product(a, b) / (length_a * length_b);
  if (t > 0 && t < 1 && std::abs(cosine) < 1 - 1e-9) {  // false also where it is no number
    const double angle = std::acos(cosine), length = (1 - t) * length_a + t * length_b;
    of_a = std::sin((1 - t) * angle) / std::sin(angle) * length / length_a;
    of_b = std::sin(t * angle) / std::sin(angle) * length / length_b;
  }
  Point point(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) point[i] = float(of_a * a[i] + of_b * b[i]);
  return point;
}

Tensor latent_loop(const Tensor& stops, int steps, bool uniform_latent) {
  require_loop("latent_loop", stops.shape()[0], steps);
  std::vector<Point> points = rows_of(stops);
  if (uniform_latent) std::ranges::for_each(points, to_normal);
  std::vector<float> rows;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (int k = 0; k < steps; ++k) {
      Point point = slerp(points[i], points[(i + 1) % points.size()], double(k) / steps);
      if (uniform_latent) to_uniform(point);
      rows.insert(rows.end(), point.begin(), point.end());
    }
  return Tensor::from(rows, {stops.shape()[0] * steps, stops.shape()[1]});
}

Tensor class_loop(int classes, int steps) {
  require_loop("class_loop", classes, steps);
  std::vector<float> rows(std::size_t(classes) * std::size_t(steps) * std::size_t(classes));
  for (int i = 0; i < classes; ++i)
    for (int k = 0; k < steps; ++k) {
      float* row = rows.data() + std::size_t(i * steps + k) * std::size_t(classes);
      row[i] = 1.0f - float(k) / float(steps);
      row[(i + 1) % classes] += float(k) / float(steps);
    }
  return Tensor::from(rows, {std::int64_t{classes} * steps, classes});
}

}  // namespace ganymede
