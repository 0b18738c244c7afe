#pragma once
// Strided convolutions as stride-1 ones. Along one axis a convolution of stride s with k taps is
//   y[p] = sum_{a < s} sum_u x[s (p + u) + a - pad] w[a + s u]
// : s windows of R = ceil(k / s) taps on s interleaved planes of x. Its transpose is
//   x[s v + a - pad] = sum_u y[v - u] w[a + s u]
// : one plane of y read by s flipped windows, each writing one of s interleaved planes: s separate
// problems. Along both axes that makes s^2. A tile is M consecutive positions per axis.

#include <cstdint>

#include <ganymede/kernels/conv.h>

namespace ganymede::kernels::cpu::winograd {

/// Position v of plane a is pixel step * v + offset + a of the image, if that lies on the image.
struct Axis {
  int step = 1, offset = 0, extent = 0;
  int planes = 1;
  int pixel(int plane, int v) const {
    const int at = step * v + offset + plane;
    return at >= 0 && at < extent ? at : -1;
  }
};

/// An NHWC batch seen as interleaved planes.
struct Image {
  Axis h, w;
  int channels = 0;  ///< per plane
  int planes() const { return h.planes * w.planes; }
  std::int64_t pixel(std::int64_t image, int plane, int v, int u) const {
    const int i = h.pixel(plane / w.planes, v), j = w.pixel(plane % w.planes, u);
    return i < 0 || j < 0 ? -1 : ((image * h.extent + i) * w.extent + j) * channels;
  }
};

/// Output position v of the product reads input positions v .. v + R - 1 of every input plane.
struct Problem {
  Image in, out;  ///< out has one plane
  int batch = 0, kernel = 0, stride = 1;
  int taps = 0;                                 ///< R
  int begin_h = 0, begin_w = 0;                 ///< first output position per axis
  int count_h = 0, count_w = 0;                 ///< output positions per axis
  bool flipped = false;                         ///< the transpose: taps run backwards
  int phase_h = 0, phase_w = 0;                 ///< of the transpose: the plane of x that it writes
  std::int64_t w_in = 0, w_out = 0, w_tap = 0;  ///< strides of the weights

  std::int64_t tiles(int m) const {
    return std::int64_t{batch} * ((count_h + m - 1) / m) * ((count_w + m - 1) / m);
  }
  /// Offset of the weights of tap (u, v) of an input plane; -1: the window has none there.
  std::int64_t tap(int plane, int u, int v) const {
    const int a = flipped ? phase_h : plane / stride, b = flipped ? phase_w : plane % stride;
    const int r = a + stride * (flipped ? taps - 1 - u : u);
    const int s = b + stride * (flipped ? taps - 1 - v : v);
    return r < kernel && s < kernel ? (std::int64_t{r} * kernel + s) * w_tap : -1;
  }
};

/// x to y by w.
Problem forward_problem(const ConvShape& shape);
/// gy to the pixels of gx of one phase, 0 <= phase < stride per axis, by w. The count of positions
/// is 0 where gx has no such pixel.
Problem transposed_problem(const ConvShape& shape, int phase_h, int phase_w);

}  // namespace ganymede::kernels::cpu::winograd
