#include "test/reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ganymede::test {
namespace {

// Steps of the differences, for inputs of size about 1: truncation stays below 1e-12.
constexpr double first_step = 5e-4, second_step = 1e-3;
constexpr std::int64_t most_coordinates = 24;  // of each input

/// A point in the space of all operands, and the quantities a case is about.
struct Point {
  const Oracle& oracle;
  DArrays x, v;
  DArray u;

  DArrays moved(double t) const {
    DArrays y = x;
    for (std::size_t i = 0; i < y.size(); ++i)
      for (std::int64_t j = 0; j < y[i].elements(); ++j) y[i][j] += t * v[i][j];
    return y;
  }
  double form(const DArrays& at) const { return dot(oracle(at), u); }
  /// d/dx[i][j] of <f(x), u>
  double first(std::size_t i, std::int64_t j) const {
    return derivative([&](double h) { return form(with(x, i, j, h)); }, first_step);
  }
  /// d/dx[i][j] d/dt of <f(x + t v), u>
  double second(std::size_t i, std::int64_t j) const {
    return derivative(
        [&](double h) {
          return derivative([&](double t) { return form(with(moved(t), i, j, h)); }, second_step);
        },
        second_step);
  }
  /// d/dt of f(x + t v)[j], for all j at once
  DArray directional() const {
    const double h = first_step;
    const DArray a = oracle(moved(h)), b = oracle(moved(-h)), c = oracle(moved(2 * h)),
                 d = oracle(moved(-2 * h));
    DArray y = a;
    for (std::int64_t j = 0; j < y.elements(); ++j)
      y[j] = (8.0 * (a[j] - b[j]) - (c[j] - d[j])) / (12.0 * h);
    return y;
  }

 private:
  static DArrays with(DArrays at, std::size_t i, std::int64_t j, double h) {
    at[i][j] += h;
    return at;
  }
};

DArray drawn(const Input& input, TestRng& rng) {
  DArray x = rng.array(input.shape, input.low, input.high);
  for (double& value : x.v)
    if (std::fabs(value) < input.off_zero) value += std::copysign(input.off_zero, value);
  if (!input.distinct) return x;
  std::vector<std::size_t> place(x.v.size());
  std::iota(place.begin(), place.end(), 0);
  for (std::size_t i = place.size(); i > 1; --i) std::swap(place[i - 1], place[rng.bits() % i]);
  for (std::size_t i = 0; i < place.size(); ++i)
    x.v[i] = (static_cast<double>(place[i]) - static_cast<double>(place.size()) / 2 + 0.5) / 64.0;
  return x;
}

std::vector<std::int64_t> sample(std::int64_t count, TestRng& rng) {
  std::vector<std::int64_t> at(static_cast<std::size_t>(count));
  std::iota(at.begin(), at.end(), 0);
  if (count <= most_coordinates) return at;
  for (std::size_t i = 0; i < static_cast<std::size_t>(most_coordinates); ++i)
    std::swap(at[i], at[i + rng.bits() % (at.size() - i)]);
  at.resize(static_cast<std::size_t>(most_coordinates));
  return at;
}

/// What rounding in double leaves in differences of <f(x), u> that are divided by `step`.
double rounding(const Point& p, double step) {
  return 8.0 * 0x1p-52 * dot(absolute(p.oracle(p.x)), absolute(p.u)) / step;
}

void fill_largest(Expected& e) {
  double largest = 0.1;
  for (double value : e.value) largest = std::max(largest, std::fabs(value));
  e.bound.assign(e.value.size(), largest);
}

/// One Expected from a quantity evaluated at the point and, for its bound, at absolute values.
template <class Quantity>
Expected sampled(const Point& point, const Point* magnitudes, std::vector<std::int64_t> at,
                 const Quantity& quantity) {
  Expected e;
  e.at = std::move(at);
  for (std::int64_t j : e.at) {
    e.value.push_back(quantity(point, j));
    if (magnitudes) e.bound.push_back(std::fabs(quantity(*magnitudes, j)));
  }
  if (!magnitudes) fill_largest(e);
  return e;
}

Expected whole(const DArray& value, const DArray* magnitude) {
  Expected e = expect(value, magnitude ? *magnitude : value);
  if (!magnitude) fill_largest(e);
  return e;
}

}  // namespace

Reference reference_of(const Case& c) {
  TestRng rng(c.seed);
  Reference r;
  for (const Input& input : c.inputs) r.inputs.push_back(drawn(input, rng));
  for (const Input& input : c.inputs) r.directions.push_back(rng.array(input.shape));
  const DArray y = c.oracle(r.inputs);
  r.cotangent = rng.array(y.shape);
  const Point point{c.oracle, r.inputs, r.directions, r.cotangent};
  const Point absolutes{c.oracle, absolute(r.inputs), absolute(r.directions),
                        absolute(r.cotangent)};
  const Point* magnitudes = c.bound == Bound::absolute ? &absolutes : nullptr;

  const DArray y_bound = magnitudes ? absolute(c.oracle(absolutes.x)) : DArray();
  r.value = whole(y, magnitudes ? &y_bound : nullptr);
  if (c.order < 1) return r;
  for (std::size_t i = 0; i < r.inputs.size(); ++i) {
    const auto at = sample(r.inputs[i].elements(), rng);
    r.first.push_back(sampled(point, magnitudes, at,
                              [i](const Point& p, std::int64_t j) { return p.first(i, j); }));
    r.first.back().noise = rounding(point, first_step);
    if (c.order < 2) continue;
    r.second.push_back(sampled(point, magnitudes, at,
                               [i](const Point& p, std::int64_t j) { return p.second(i, j); }));
    r.second.back().noise = rounding(point, second_step * second_step);
  }
  if (c.order < 2) return r;
  const DArray along = point.directional();
  const DArray along_bound = magnitudes ? absolute(absolutes.directional()) : DArray();
  r.second.push_back(whole(along, magnitudes ? &along_bound : nullptr));
  r.second.back().noise = rounding(point, first_step);
  return r;
}

}  // namespace ganymede::test
