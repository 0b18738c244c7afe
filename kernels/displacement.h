#pragma once
// The smooth displacement of `elastic_warp`, compiled by both backends: a uniform cubic B-spline of
// control points. It has two continuous derivatives, so tissue bends without kinks at the grid's
// lines (bilinear interpolation would crease it there), and it is a weighted mean of its control
// points, so that no displacement is larger than the largest of them.

#include <ganymede/kernels/functors.h>

namespace ganymede::kernels::functor {

/// Four neighbouring control points along an axis and their weights.
struct SplineTaps {
  int first;
  float weight[4];
};

/// The taps of a pixel: `grid` control points span the axis so that its borders lie one cell inside
/// the outermost ones.
GANYMEDE_HD SplineTaps spline_taps(int pixel, int extent, int grid) {
  const float cells = static_cast<float>(grid - 3);
  const float at = (static_cast<float>(pixel) + 0.5f) * (cells / static_cast<float>(extent));
  const int cell = static_cast<int>(at);
  const int first = cell < grid - 4 ? cell : grid - 4;  // rounding may reach the border itself
  const float t = at - static_cast<float>(first), u = 1.0f - t, sixth = 1.0f / 6.0f;
  return {first,
          {sixth * u * u * u, sixth * (3.0f * t * t * t - 6.0f * t * t + 4.0f),
           sixth * (3.0f * u * u * u - 6.0f * u * u + 4.0f), sixth * t * t * t}};
}

/// Pixels along each axis.
struct Displacement {
  float row, column;
};

/// controls: grid x grid x 2 of one image.
GANYMEDE_HD Displacement displacement(const float* controls, int grid, const SplineTaps& rows,
                                      const SplineTaps& columns) {
  Displacement sum{0.0f, 0.0f};
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const float weight = rows.weight[i] * columns.weight[j];
      const float* at = controls + 2 * ((rows.first + i) * grid + columns.first + j);
      sum.row += weight * at[0];
      sum.column += weight * at[1];
    }
  return sum;
}

}  // namespace ganymede::kernels::functor
