#pragma once

#include <ganymede/data/phantom/noise_field.h>

namespace ganymede::phantom {

/// Light of a pixel, each channel 0 to 1 on the scale of the stored values.
struct Rgb {
  double r = 0, g = 0, b = 0;
};

inline Rgb operator+(Rgb a, Rgb b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
inline Rgb operator*(double s, Rgb a) { return {s * a.r, s * a.g, s * a.b}; }
/// What a filter lets through.
inline Rgb operator*(Rgb a, Rgb b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
inline Rgb mixed(Rgb a, Rgb b, double t) {
  return {mixed(a.r, b.r, t), mixed(a.g, b.g, t), mixed(a.b, b.b, t)};
}

}  // namespace ganymede::phantom
