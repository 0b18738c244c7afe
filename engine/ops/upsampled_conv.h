#pragma once
// Nearest upsampling and the convolution behind it as one operation.

#include <ganymede/engine/ops/conv.h>

namespace ganymede {

/// activation(conv2d(upsample_nearest(x, factor), w) + bias) with stride 1 and pads that keep the
/// extents: x is N x H x W x C, w is K x R x S x C with odd R and S, the result is N x (H factor) x
/// (W factor) x K. Computed as a transposed convolution with `upsampling_weights`, which differs
/// from the two steps by rounding alone. Throws ShapeError where the extents do not go together.
Var upsampled_conv2d(const Var& x, const Var& w, int factor, const Fused& fused = {});

/// Weights C x (R + factor - 1) x (S + factor - 1) x K of that transposed convolution
/// (kernels/upsampling_weights.h).
Var upsampling_weights(const Var& w, int factor);
/// Its geometry: stride `factor`.
ConvGeometry upsampling_geometry(const Shape& w, int factor);

}  // namespace ganymede
