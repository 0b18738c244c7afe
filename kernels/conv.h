#pragma once
// The trilinear form <conv(x, w), gy> has three contractions; these are they. NHWC, weights KRSC.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/epilogue.h>

namespace ganymede::kernels {

/// x: batch x height x width x channels, w: filters x kernel_h x kernel_w x (channels / groups),
/// y: batch x out_height() x out_width() x filters.
///   y[n,p,q,k] = sum_{r,s,c} x[n, h(p,r), w(q,s), c] w[k,r,s,c]
///   h(p,r) = p stride_h - pad_top + r dilation_h,  w(q,s) = q stride_w - pad_left + s dilation_w
/// x is 0 outside of the image. Pads may differ per side (Keras 'same'). The pixel strides are the
/// distance in f32 between two neighbouring pixels of x and y: larger than channels (filters) where
/// the tensor is a slice of a wider one. Zero means dense.
struct ConvShape {
  int batch = 1, height = 1, width = 1, channels = 1, filters = 1;
  int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int groups = 1;
  std::int64_t x_pixel_stride = 0, y_pixel_stride = 0;

  constexpr int out_height() const {
    return (height + pad_top + pad_bottom - dilation_h * (kernel_h - 1) - 1) / stride_h + 1;
  }
  constexpr int out_width() const {
    return (width + pad_left + pad_right - dilation_w * (kernel_w - 1) - 1) / stride_w + 1;
  }
  constexpr std::int64_t x_stride() const { return x_pixel_stride ? x_pixel_stride : channels; }
  constexpr std::int64_t y_stride() const { return y_pixel_stride ? y_pixel_stride : filters; }
  constexpr std::int64_t weights() const {
    return std::int64_t{filters} * kernel_h * kernel_w * (channels / groups);
  }
  /// Multiply-adds times two of any of the three contractions, padding counted as work.
  constexpr double flops() const {
    return 2.0 * batch * out_height() * out_width() * double(weights());
  }
  friend bool operator==(const ConvShape&, const ConvShape&) = default;
};

/// Every extent positive, groups divide, the kernel fits the padded input. Throws ShapeError that
/// begins with `op`.
void check(const ConvShape& shape, const char* op);

using Conv2d = void(Stream&, const ConvShape&, const float* x, const float* w, float* y,
                    const Prologue&, const Epilogue&);
/// gx = sum over taps of gy w; the epilogue acts on gx and its channels.
using Conv2dInputGrad = void(Stream&, const ConvShape&, const float* gy, const float* w, float* gx,
                             const Epilogue&);
/// gw = sum over pixels of x gy. gbias [filters], where not null, = sum over pixels of gy.
using Conv2dWeightGrad = void(Stream&, const ConvShape&, const float* x, const float* gy, float* gw,
                              float* gbias);

namespace cpu {
Conv2d conv2d;
Conv2dInputGrad conv2d_input_grad, conv_transpose2d;
Conv2dWeightGrad conv2d_weight_grad;
}  // namespace cpu
namespace cuda {
Conv2d conv2d;
Conv2dInputGrad conv2d_input_grad, conv_transpose2d;
Conv2dWeightGrad conv2d_weight_grad;
}  // namespace cuda

namespace vendor {
Conv2d conv2d;
Conv2dInputGrad conv2d_input_grad, conv_transpose2d;
Conv2dWeightGrad conv2d_weight_grad;
}  // namespace vendor

inline constexpr Kernel<Conv2d, cpu::conv2d, cuda::conv2d, vendor::conv2d> conv2d;
inline constexpr Kernel<Conv2dInputGrad, cpu::conv2d_input_grad, cuda::conv2d_input_grad,
                        vendor::conv2d_input_grad>
    conv2d_input_grad;
inline constexpr Kernel<Conv2dWeightGrad, cpu::conv2d_weight_grad, cuda::conv2d_weight_grad,
                        vendor::conv2d_weight_grad>
    conv2d_weight_grad;
/// The input gradient used forward: gy is the layer's input, gx its output. Its own tuned kernel.
inline constexpr Kernel<Conv2dInputGrad, cpu::conv_transpose2d, cuda::conv_transpose2d,
                        vendor::conv_transpose2d>
    conv_transpose2d;

}  // namespace ganymede::kernels
