#include <ganymede/kernels/error.h>
#include <ganymede/kernels/moments.h>
#include <ganymede/models/quality/polar.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr double largest_change = 1e-9;

/// The matrix x and its next, between which the steps go back and forth.
struct Iteration {
  Iteration(Stream& on, const DeviceMatrix& a)
      : stream(on),
        x(on, a.rows, a.columns),
        next(on, a.rows, a.columns),
        gram(on, a.columns, a.columns),
        scalars(on, 1, 2) {}

  void gram_of(const DeviceMatrix& from) {
    kernels::gram(stream, from.rows, from.columns, from.data(), gram.data());
  }
  /// to = from (first + third gram); the Gram matrix is its own transpose.
  void step(const DeviceMatrix& from, const PolarStep& by, const DeviceMatrix& to) {
    const kernels::DoubleProduct shape{from.rows, from.columns, from.columns,
                                       false,     by.third,     by.first};
    kernels::multiply_doubles(stream, shape, from.data(), gram.data(), from.data(), to.data());
  }
  void inner(const DeviceMatrix& a, const DeviceMatrix& b, int at) {
    kernels::inner_product(stream, a.elements(), a.data(), b.data(), scalars.data() + at);
  }
  std::array<double, 2> read(int count) {
    std::array<double, 2> values{};
    copy_to_host(stream, values.data(), scalars.data(), std::size_t(count) * sizeof(double));
    stream.synchronize();
    return values;
  }

  Stream& stream;
  DeviceMatrix x, next, gram, scalars;
};

/// No iteration for a matrix of zeros. One whose fourth powers are 0 is left unconverged.
Polar without_steps(Iteration it, const DeviceMatrix& a) {
  it.inner(a, a, 0);
  const bool zeros = it.read(1)[0] == 0;
  fill_zero(it.stream, it.x.data(), std::size_t(a.elements()) * sizeof(double));
  return {std::move(it.x), 0, zeros ? 0 : std::numeric_limits<double>::infinity(), 0};
}

/// At least the largest singular value, and at most the root of the sum of their squares: the
/// fourth root of the sum of their fourth powers, by the Gram matrix at hand.
double scale_of(Iteration& it) {
  it.inner(it.gram, it.gram, 0);
  return std::sqrt(std::sqrt(it.read(1)[0]));
}

}  // namespace

std::vector<PolarStep> polar_steps(double least) {
  // Below this the growth hardly gains, and values above 1 by rounding would come near a sign
  // change.
  constexpr double least_stretched = 1e-3, rounding = 1e-12;
  std::vector<PolarStep> steps;
  const auto add = [&](double from) {
    const double stretch = std::sqrt(3 / (1 + from + from * from));
    steps.push_back({1.5 * stretch, -.5 * stretch * stretch * stretch});
  };
  while (1 - least > rounding) {
    add(std::max(least, least_stretched));
    const PolarStep& last = steps.back();
    // Both ends of [least, 1] are where the least of the images is.
    least = std::min(least * (last.first + last.third * least * least), last.first + last.third);
  }
  add(1);
  return steps;
}

bool Polar::converged() const { return change <= largest_change; }  // false for a NaN

Polar polar(Stream& stream, const DeviceMatrix& a) {
  if (a.rows < a.columns)
    throw ShapeError(
        fmt::format("polar: a matrix of {} x {}; mend: transpose it", a.rows, a.columns));
  Iteration it(stream, a);
  it.gram_of(a);
  const double scale = scale_of(it);
  if (scale == 0) return without_steps(std::move(it), a);
  const auto steps = polar_steps(polar_tolerance / double(a.columns));
  const PolarStep &first = steps.front(), &last = steps.back();
  it.step(a, {first.first / scale, first.third / (scale * scale * scale)}, it.x);
  for (std::size_t k = 1; k < steps.size(); ++k) {
    if (&steps[k] == &last) it.inner(it.x, a, 0);
    it.gram_of(it.x);
    it.step(it.x, steps[k], it.next);
    std::swap(it.x, it.next);
  }
  it.inner(it.x, a, 1);
  const auto [before, now] = it.read(2);
  return {std::move(it.x), now, std::abs(now - before) / now, int(steps.size())};
}

}  // namespace ganymede::quality
