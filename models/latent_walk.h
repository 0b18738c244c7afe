#pragma once
// Closed ways through what a generator makes its images of.

#include <span>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// The point at share t in [0, 1] of the way from a to b: the direction turns evenly on the great
/// circle (Shoemake 1985), the length goes evenly, so it lies between the two. Normal z of many
/// numbers lie near a sphere, and a straight line leaves it (White 2016). a itself at 0, b at 1; a
/// straight line where the directions are equal or opposite, or one point is 0. Throws ShapeError
/// for lists of different lengths.
std::vector<float> slerp(std::span<const float> a, std::span<const float> b, double t);

/// A loop through the stops (N x latent, N >= 2) as a generator takes z: N * steps rows, row i *
/// steps is stop i, and one row after the last would be the first again. Where z is uniform in
/// (-1, 1), the normal numbers of the same quantiles turn: so every row stays inside. Throws
/// ShapeError for fewer stops or steps below 1.
Tensor latent_loop(const Tensor& stops, int steps, bool uniform_latent = false);

/// The same through one-hot classes, whose weights are mixed linearly: classes * steps rows of as
/// many weights as there are classes, which sum to 1. Throws ShapeError below 2 classes or 1 step.
Tensor class_loop(int classes, int steps);

}  // namespace ganymede
