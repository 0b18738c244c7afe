#pragma once
// The input gradient of a strided convolution by phases: the pixels with equal (h + pad) mod stride
// see the same taps. Compiled by the host, which plans, and by the device.

#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

/// One phase along one axis: its pixels are first + i stride, i < count. Tap number t < taps is
/// kernel row tap0 + t tap_step, and meets pixel i at gy row origin + i - t source_step.
struct AxisPhase {
  int first, count, tap0, tap_step, taps, origin, source_step;
};

GANYMEDE_HD int common_divisor(int a, int b) {
  while (b != 0) {
    const int rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

GANYMEDE_HD AxisPhase axis_phase(int phase, int extent, int kernel, int stride, int dilation,
                                 int pad) {
  AxisPhase a{};
  a.first = ((phase - pad) % stride + stride) % stride;
  a.count = a.first < extent ? (extent - 1 - a.first) / stride + 1 : 0;
  a.tap_step = stride / common_divisor(stride, dilation);
  a.source_step = a.tap_step * dilation / stride;
  while (a.tap0 < a.tap_step && (a.first + pad - a.tap0 * dilation) % stride != 0) ++a.tap0;
  const bool reached = a.tap0 < a.tap_step && a.tap0 < kernel;
  a.taps = reached ? (kernel - 1 - a.tap0) / a.tap_step + 1 : 0;
  a.origin = reached ? (a.first + pad - a.tap0 * dilation) / stride : 0;
  return a;
}

}  // namespace ganymede::kernels
