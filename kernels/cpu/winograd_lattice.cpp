#include <ganymede/kernels/cpu/winograd_lattice.h>

#include <algorithm>

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

// Positions v >= 0 for which stride v + phase - pad lies on an image of `extent` pixels.
int first_position(int phase, int pad, int stride) {
  return pad > phase ? (pad - phase + stride - 1) / stride : 0;
}
int positions(int phase, int extent, int pad, int stride) {
  const int reach = extent - 1 + pad - phase;
  return reach < 0 ? 0 : std::max(0, reach / stride + 1 - first_position(phase, pad, stride));
}

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

Problem transposed_problem(const ConvShape& s, int phase_h, int phase_w) {
  Problem p = common(s);
  p.flipped = true;
  p.phase_h = phase_h;
  p.phase_w = phase_w;
  const int reach = p.taps - 1;
  p.in = {{1, -reach, s.out_height(), 1}, {1, -reach, s.out_width(), 1}, s.filters};
  p.out = {{s.stride_h, phase_h - s.pad_top, s.height, 1},
           {s.stride_w, phase_w - s.pad_left, s.width, 1},
           s.channels};
  p.begin_h = first_position(phase_h, s.pad_top, s.stride_h);
  p.begin_w = first_position(phase_w, s.pad_left, s.stride_w);
  p.count_h = positions(phase_h, s.height, s.pad_top, s.stride_h);
  p.count_w = positions(phase_w, s.width, s.pad_left, s.stride_w);
  p.w_in = std::int64_t{p.kernel} * p.kernel * s.channels;
  p.w_out = 1;
  return p;
}

}  // namespace ganymede::kernels::cpu::winograd
