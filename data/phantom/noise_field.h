#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <ganymede/kernels/host_rng.h>

namespace ganymede::phantom {

struct Point {
  double x = 0, y = 0;
};

inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator*(double s, Point a) { return {s * a.x, s * a.y}; }
inline double length(Point a) { return std::sqrt(a.x * a.x + a.y * a.y); }
inline Point rotated(Point a, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {c * a.x - s * a.y, s * a.x + c * a.y};
}

/// 0 below `from`, 1 above `to`, smooth between; from > to falls.
inline double smooth_step(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

inline double mixed(double a, double b, double t) { return a + (b - a) * t; }

/// Value noise in [-1, 1]: random values on a lattice over [-1.5, 1.5] squared, smoothly joined.
class NoiseField {
 public:
  NoiseField(HostRng& rng, int cells)
      : cells_(cells), lattice_(static_cast<std::size_t>(cells + 1) * (cells + 1)) {
    for (double& value : lattice_) value = rng.uniform(-1, 1);
  }

  double at(Point p) const {
    const double x = place(p.x), y = place(p.y);
    const int i = static_cast<int>(x), j = static_cast<int>(y);
    const double u = smooth_step(0, 1, x - i), v = smooth_step(0, 1, y - j);
    return mixed(mixed(node(i, j), node(i + 1, j), u), mixed(node(i, j + 1), node(i + 1, j + 1), u),
                 v);
  }

 private:
  double place(double x) const { return std::clamp((x + 1.5) / 3, 0.0, 0.999999) * cells_; }
  double node(int i, int j) const {
    return lattice_[static_cast<std::size_t>(j) * (cells_ + 1) + i];
  }

  int cells_;
  std::vector<double> lattice_;
};

}  // namespace ganymede::phantom
