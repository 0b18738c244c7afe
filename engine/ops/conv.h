#pragma once
// Convolution and its two gradients: closed under differentiation. x is N x H x W x C, w is
// K x R x S x C/groups, y is N x P x Q x K.

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/var.h>
#include <ganymede/kernels/conv.h>

namespace ganymede {

struct ConvGeometry {
  int stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int groups = 1;
};
/// One stride and one pad for all sides.
ConvGeometry conv_geometry(int stride, int pad);
/// Keras 'same' for an input of height x width: output ceil(extent / stride), the odd pad at the
/// bottom and right.
ConvGeometry same_geometry(int height, int width, int kernel_h, int kernel_w, int stride);

/// The kernels' shape of the convolution of an image (N x H x W x C) by weights (K x R x S x
/// C/groups). Throws ShapeError that begins with `op` where they do not go together.
kernels::ConvShape conv_shape(const char* op, const Shape& image, const Shape& weights,
                              const ConvGeometry& geometry);

struct Fused {
  Var bias{};  ///< [channels of the output], or empty
  Activation activation = Activation::none;
  float slope = 0.0f;
};

/// activation(conv(x, w) + bias)
Var conv2d(const Var& x, const Var& w, const ConvGeometry& geometry, const Fused& fused = {});
/// The adjoint in x: gives an image of `input` extents (N x H x W x C).
Var conv2d_input_grad(const Var& gy, const Var& w, const Shape& input,
                      const ConvGeometry& geometry);
/// The adjoint in w: gives weights of `weights` extents.
Var conv2d_weight_grad(const Var& x, const Var& gy, const Shape& weights,
                       const ConvGeometry& geometry);
/// activation(conv_transpose(x, w) + bias): x is N x P x Q x K, w is K x R x S x C, the result is
/// of `output` extents N x H x W x C. The geometry is that of the convolution it is the adjoint of.
Var conv_transpose2d(const Var& x, const Var& w, const Shape& output, const ConvGeometry& geometry,
                     const Fused& fused = {});

}  // namespace ganymede
