#pragma once
// What cuDNN and cuBLAS are told of a problem, as pure functions of its shape.

#include <compare>
#include <cstdint>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/resample.h>

namespace ganymede::kernels::vendor {

/// A convolution as cuDNN can describe one: dense tensors, and one pad for opposite sides.
struct DenseConv {
  int batch, height, width, channels, filters, out_height, out_width;
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_h, pad_w, groups;
  auto operator<=>(const DenseConv&) const = default;
};

/// One axis of the image that cuDNN sees.
struct DenseAxis {
  int extent, pad;
};

/// cuDNN derives the output's extent from the first pad alone. Where that gives another extent
/// (Keras 'same' with an uneven pad), it gets the image in its frame of zeros instead.
constexpr DenseAxis dense_axis(int extent, int before, int after, int kernel, int stride,
                               int dilation, int out) {
  const int reach = dilation * (kernel - 1) + 1;
  const int by_first_pad = extent + 2 * before - reach;
  if (by_first_pad >= 0 && by_first_pad / stride + 1 == out) return {extent, before};
  return {extent + before + after, 0};
}

constexpr DenseConv dense_conv(const ConvShape& s) {
  const int p = s.out_height(), q = s.out_width();
  const DenseAxis h =
      dense_axis(s.height, s.pad_top, s.pad_bottom, s.kernel_h, s.stride_h, s.dilation_h, p);
  const DenseAxis w =
      dense_axis(s.width, s.pad_left, s.pad_right, s.kernel_w, s.stride_w, s.dilation_w, q);
  return {s.batch,    h.extent,   w.extent,   s.channels,   s.filters,    p,     q,     s.kernel_h,
          s.kernel_w, s.stride_h, s.stride_w, s.dilation_h, s.dilation_w, h.pad, w.pad, s.groups};
}

/// From the image of `s` to the one of `d`; all pads 0 where they are the same.
constexpr PadShape frame(const ConvShape& s, const DenseConv& d) {
  const bool rows = d.height != s.height, columns = d.width != s.width;
  return {s.batch,
          s.height,
          s.width,
          s.channels,
          rows ? s.pad_top : 0,
          columns ? s.pad_left : 0,
          rows ? s.pad_bottom : 0,
          columns ? s.pad_right : 0};
}

/// The way back.
constexpr PadShape cropped(const PadShape& f) {
  return {f.batch, f.out_height(), f.out_width(), f.channels, -f.top, -f.left, -f.bottom, -f.right};
}

/// A matrix in memory as cuBLAS sees it: column-major, columns `rows` f32 apart.
struct ColumnMajor {
  std::int64_t rows, columns;
  bool transpose;
  auto operator<=>(const ColumnMajor&) const = default;
};

/// A row-major product is the column-major one of its transposes: c^T = op(b)^T op(a)^T.
struct ColumnMajorProduct {
  ColumnMajor left, right, result;  ///< b, a, c
  auto operator<=>(const ColumnMajorProduct&) const = default;
};

constexpr ColumnMajorProduct column_major(const GemmShape& s) {
  return {s.transpose_b ? ColumnMajor{s.k, s.n, true} : ColumnMajor{s.n, s.k, false},
          s.transpose_a ? ColumnMajor{s.m, s.k, true} : ColumnMajor{s.k, s.m, false},
          {s.n, s.m, false}};
}

}  // namespace ganymede::kernels::vendor
