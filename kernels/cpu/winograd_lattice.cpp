#include <ganymede/kernels/cpu/winograd_lattice.h>

namespace ganymede::kernels::cpu::winograd {
namespace {

Problem common(const ConvShape& s) {
  Problem p;
  p.batch = s.batch;
  p.kernel = s.kernel_h;
  p.stride = s.stride_h;
  p.taps = (p.kernel + p.stride - 1) / p.stride;
  p.w_tap = s.channels;
  return p;
}

// First and last position v for which stride v + a - pad lies on the image for some plane a.
int first_position(int pad, int stride) { return pad / stride; }
int last_position(int extent, int pad, int stride) { return (extent - 1 + pad) / stride; }

}  // namespace

Problem forward_problem(const ConvShape& s) {
  Problem p = common(s);
  p.in = {{s.stride_h, -s.pad_top, s.height, s.stride_h},
          {s.stride_w, -s.pad_left, s.width, s.stride_w},
          s.channels};
  p.out = {{1, 0, s.out_height(), 1}, {1, 0, s.out_width(), 1}, s.filters};
  p.count_h = s.out_height();
  p.count_w = s.out_width();
  p.w_in = 1;
  p.w_out = std::int64_t{p.kernel} * p.kernel * s.channels;
  return p;
}

Problem transposed_problem(const ConvShape& s) {
  Problem p = common(s);
  p.flipped = true;
  const int reach = p.taps - 1;
  p.in = {{1, -reach, s.out_height(), 1}, {1, -reach, s.out_width(), 1}, s.filters};
  p.out = {{s.stride_h, -s.pad_top, s.height, s.stride_h},
           {s.stride_w, -s.pad_left, s.width, s.stride_w},
           s.channels};
  p.begin_h = first_position(s.pad_top, s.stride_h);
  p.begin_w = first_position(s.pad_left, s.stride_w);
  p.count_h = last_position(s.height, s.pad_top, s.stride_h) - p.begin_h + 1;
  p.count_w = last_position(s.width, s.pad_left, s.stride_w) - p.begin_w + 1;
  p.w_in = std::int64_t{p.kernel} * p.kernel * s.channels;
  p.w_out = 1;
  return p;
}

}  // namespace ganymede::kernels::cpu::winograd
