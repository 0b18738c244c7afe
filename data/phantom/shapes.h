#pragma once

#include <ganymede/data/phantom/noise_field.h>

namespace ganymede::phantom {

/// 1 inside an ellipse, 0 outside; `softness` is half the width of its edge, of the radius.
inline double ellipse(Point p, Point centre, double rx, double ry, double tilt, double softness) {
  const Point q = rotated(p - centre, -tilt);
  return smooth_step(1 + softness, 1 - softness, length({q.x / rx, q.y / ry}));
}

inline double disc(Point p, Point centre, double radius, double softness) {
  return ellipse(p, centre, radius, radius, 0, softness);
}

/// The distance of p from the line between two points.
inline double off_line(Point p, Point from, Point to) {
  const Point way = to - from, q = p - from;
  const double t =
      std::clamp((q.x * way.x + q.y * way.y) / (way.x * way.x + way.y * way.y), 0.0, 1.0);
  return length(q - t * way);
}

}  // namespace ganymede::phantom
