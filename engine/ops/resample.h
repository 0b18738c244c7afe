#pragma once
// Linear maps of N x H x W x C images; each has its adjoint as derivative.

#include <ganymede/engine/var.h>
#include <ganymede/kernels/resample.h>

namespace ganymede {

struct PoolGeometry {
  int window = 2, stride = 2, pad = 0;
  bool count_include_pad = false;  ///< average pool only
};

Var max_pool(const Var& x, const PoolGeometry& geometry);
Var avg_pool(const Var& x, const PoolGeometry& geometry);
/// Zero border; negative widths crop.
Var pad2d(const Var& x, int top, int left, int bottom, int right);
Var upsample_nearest(const Var& x, int factor);
Var resize_bilinear(const Var& x, int height, int width);
/// matrices: N x 6 (2 x 3 row-major per image), constant; see kernels/resample.h.
Var affine_warp(const Var& x, const Tensor& matrices, kernels::Fill2d fill);
/// The same with its source points moved by the cubic B-spline of control points: N x grid x grid x
/// 2 (rows, columns; pixels), constant, grid at least 4. The image is resampled once.
Var elastic_warp(const Var& x, const Tensor& matrices, const Tensor& controls,
                 kernels::Fill2d fill);

}  // namespace ganymede
