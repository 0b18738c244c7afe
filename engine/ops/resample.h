#pragma once
// Pooling, padding, resizing and warps of N x H x W x C images. All are linear in the image but
// max_pool, which is once its choice is made; each has its adjoint as derivative. They throw
// ShapeError for other than images and for extents or a geometry that do not fit.

#include <ganymede/engine/var.h>
#include <ganymede/kernels/resample.h>

namespace ganymede {

/// Square windows, the same pad on all sides: window and stride at least 1, 0 <= pad < window, and
/// the window fits the padded image. Output extents are (extent + 2 pad - window) / stride + 1,
/// rounded down.
struct PoolGeometry {
  int window = 2, stride = 2, pad = 0;
  bool count_include_pad = false;  ///< average pool only
};

/// The pad never is the maximum, whatever the sign of x (it is minus infinity, not 0). Of equal
/// values the first, row by row, gets the gradient.
Var max_pool(const Var& x, const PoolGeometry& geometry);
/// The pad is 0: the sum over the window is divided by its pixels on the image, or by all of them
/// (count_include_pad).
Var avg_pool(const Var& x, const PoolGeometry& geometry);
/// Zero border; negative widths crop, and leave a pixel at least.
Var pad2d(const Var& x, int top, int left, int bottom, int right);
/// N x (H factor) x (W factor) x C, each pixel repeated; factor at least 1.
Var upsample_nearest(const Var& x, int factor);
/// N x height x width x C, both at least 1: half-pixel centres, no antialias, edges repeated.
Var resize_bilinear(const Var& x, int height, int width);
/// As many and as large images. matrices: N x 6 (2 x 3 row-major per image), constant, from places
/// in the result to places in x; see kernels/resample.h.
Var affine_warp(const Var& x, const Tensor& matrices, kernels::Fill2d fill);
/// The same with its source points moved by the cubic B-spline of control points: N x grid x grid x
/// 2 (rows, columns; pixels), constant, grid at least 4. The image is resampled once.
Var elastic_warp(const Var& x, const Tensor& matrices, const Tensor& controls,
                 kernels::Fill2d fill);

}  // namespace ganymede
