#pragma once
// Strided convolutions as stride-1 ones. Along one axis a convolution of stride s with k taps is
//   y[p] = sum_{a < s} sum_u x[s (p + u) + a - pad] w[a + s u]
// : s windows of R = ceil(k / s) taps on s interleaved planes of x. Its transpose is
//   x[s v + a - pad] = sum_u y[v - u] w[a + s u]
// : one plane of y read by s flipped windows that write s interleaved planes. Along both axes that
// makes s^2 planes. A tile is M consecutive positions per axis.

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

/// Output position v of the product reads input positions v .. v + R - 1.
struct Problem {
  Image in, out;
  int batch = 0, taps = 0;       ///< R
  int begin_h = 0, begin_w = 0;  ///< first position per axis
  int count_h = 0, count_w = 0;  ///< positions per axis
  bool flipped = false;          ///< the transpose: taps run backwards, planes are the output's
  int kernel = 0, stride = 1;
  std::int64_t w_in = 0, w_out = 0, w_tap = 0;  ///< strides of the weights

  int tiles(int m) const { return batch * ((count_h + m - 1) / m) * ((count_w + m - 1) / m); }
  /// Offset of the weights of tap (u, v) between plane `in_plane` and `out_plane`; -1: none there.
  std::int64_t tap(int plane, int u, int v) const {
    const int last = taps - 1;
    const int r = plane / stride + stride * (flipped ? last - u : u);
    const int s = plane % stride + stride * (flipped ? last - v : v);
    return r < kernel && s < kernel ? (std::int64_t{r} * kernel + s) * w_tap : -1;
  }
};

/// x to y by w.
Problem forward_problem(const ConvShape& shape);
/// gy to gx by w.
Problem transposed_problem(const ConvShape& shape);

}  // namespace ganymede::kernels::cpu::winograd
