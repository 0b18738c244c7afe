#pragma once
// Minimal filtering on the FMA units: 3x3 and 5x5 windows of stride 1 as F(4x4, 3x3) and
// F(4x4, 5x5), with 36 and 64 products where the direct sum has 144 and 400.

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/winograd_plan.h>
#include <ganymede/kernels/cuda/contraction.cuh>

namespace ganymede::kernels::cuda {

/// winograd_plan on the stream's device, in its mode.
std::optional<WinogradPlan> winograd_on(Stream&, const ConvShape&, Contraction);

/// Whether winograd_forward can apply it: no activation, or a leaky_relu.
bool winograd_applies(const Prologue&);

/// y = finish(x * w), finish's cheap part. `plan` is winograd_plan's for this contraction; pixel
/// strides as in ConvShape.
void winograd_forward(Stream&, const WinogradPlan& plan, const ConvShape&, const float* x,
                      const float* w, float* y, const Prologue&, const Finish&);
/// gx = finish(sum over taps of gy w).
void winograd_input_grad(Stream&, const WinogradPlan& plan, const ConvShape&, const float* gy,
                         const float* w, float* gx, const Finish&);
/// gw = sum over pixels of x gy.
void winograd_weight_grad(Stream&, const WinogradPlan& plan, const ConvShape&, const float* x,
                          const float* gy, float* gw);

}  // namespace ganymede::kernels::cuda
