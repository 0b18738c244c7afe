#pragma once
// What the three contractions of conv share on the device.

#include <algorithm>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/divisor.cuh>

namespace ganymede::kernels::cuda {

/// The order in which a product comes by the taps and channels of a window: channels_at_a_time() of
/// them at all taps, then the next.
class TapWalk {
 public:
  TapWalk() = default;
  TapWalk(int channels, int taps)
      : by_few_(std::max(channels_at_a_time(channels, taps), 1)),
        by_walk_(std::max(channels_at_a_time(channels, taps) * taps, 1)) {}
  struct Step {
    int tap, channel;
  };
  __device__ Step at(int k) const {
    const int walk = by_walk_.quotient(k), rest = k - walk * by_walk_.value();
    const int tap = by_few_.quotient(rest);
    return {tap, walk * by_few_.value() + rest - tap * by_few_.value()};
  }

 private:
  Divisor by_few_, by_walk_;
};

/// A ConvShape with its quotients and strides worked out, as a kernel parameter.
struct ConvGeometry {
  int batch, height, width, out_height, out_width;
  int kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int groups, group_channels, group_filters;
  int taps, depth;  ///< kernel_h kernel_w; depth = taps group_channels: a filter's length
  std::int64_t x_stride, y_stride;
  Divisor by_channels, by_kernel_w, by_out_width, by_out_pixels;
  TapWalk walk;  ///< over a filter
  MathMode mode;

  /// From an input pixel to the one so many rows and columns on.
  __device__ std::int64_t x_pixel(int rows, int columns) const {
    return static_cast<std::int64_t>(rows * width + columns) * x_stride;
  }
  __device__ std::int64_t y_pixel(int rows, int columns) const {
    return static_cast<std::int64_t>(rows * out_width + columns) * y_stride;
  }
  __device__ std::int64_t x_image() const {
    return static_cast<std::int64_t>(height) * width * x_stride;
  }
  __host__ __device__ std::int64_t y_image() const {
    return static_cast<std::int64_t>(out_height) * out_width * y_stride;
  }
};

/// Throws ShapeError where the pixels are too many for one launch.
inline ConvGeometry geometry(const ConvShape& s, const char* op, MathMode mode) {
  const int p = s.out_height(), q = s.out_width();
  checked_extent(std::int64_t{s.batch} * s.height * s.width, op);
  checked_extent(std::int64_t{s.batch} * p * q, op);
  checked_extent(std::int64_t{s.kernel_h} * s.kernel_w * (s.channels / s.groups), op);
  checked_extent(std::int64_t{s.kernel_h} * s.kernel_w * (s.filters / s.groups), op);
  const int taps = s.kernel_h * s.kernel_w, group_channels = s.channels / s.groups;
  return {s.batch,
          s.height,
          s.width,
          p,
          q,
          s.kernel_h,
          s.kernel_w,
          s.stride_h,
          s.stride_w,
          s.dilation_h,
          s.dilation_w,
          s.pad_top,
          s.pad_left,
          s.groups,
          group_channels,
          s.filters / s.groups,
          taps,
          taps * group_channels,
          s.x_stride(),
          s.y_stride(),
          Divisor(group_channels),
          Divisor(s.kernel_w),
          Divisor(q),
          Divisor(p * q),
          TapWalk(group_channels, taps),
          mode};
}

/// An output pixel (image, p, q) from its number.
struct OutPixel {
  int image, p, q;
};
__device__ inline OutPixel out_pixel(const ConvGeometry& g, int i) {
  const int image = g.by_out_pixels.quotient(i), rest = i - image * g.by_out_pixels.value();
  const int p = g.by_out_width.quotient(rest);
  return {image, p, rest - p * g.out_width};
}

/// A row of no image, and as the way to one: a sum of two is outside too.
inline constexpr int far_outside = -(1 << 30);

/// Position (r, s, c) in a filter from its number, c fastest.
struct Tap {
  int r, s, c;
};
__device__ inline Tap tap_of(const ConvGeometry& g, int k) {
  const int tap = g.by_channels.quotient(k), r = g.by_kernel_w.quotient(tap);
  return {r, tap - r * g.kernel_w, k - tap * g.group_channels};
}

/// The k-th position that a product's walk over a filter comes by.
__device__ inline Tap walked_tap(const ConvGeometry& g, int k) {
  const TapWalk::Step step = g.walk.at(k);
  const int r = g.by_kernel_w.quotient(step.tap);
  return {r, step.tap - r * g.kernel_w, step.channel};
}
/// Where a filter has its weight for a tap.
__device__ inline int weight_at(const ConvGeometry& g, const Tap& t) {
  return (t.r * g.kernel_w + t.s) * g.group_channels + t.c;
}

__device__ inline bool inside(const ConvGeometry& g, int h, int w) {
  return static_cast<unsigned>(h) < static_cast<unsigned>(g.height) &&
         static_cast<unsigned>(w) < static_cast<unsigned>(g.width);
}

/// x' = activation(x scale[c] + shift[c]); the same on every way in.
__device__ inline float prologued(const Prologue& p, float v, int channel) {
  return functor::activate(v * __ldg(p.scale + channel) + __ldg(p.shift + channel), p.activation,
                           p.slope);
}

/// Whether a tensor of this pixel stride and these channels per group can be read as float4.
inline bool wide_channels(const void* data, std::int64_t stride, int group_channels) {
  return aligned16(data) && stride % 4 == 0 && group_channels % 4 == 0;
}

}  // namespace ganymede::kernels::cuda
