#pragma once
// Minimal filtering on the FMA units: 3x3 and 5x5 windows of stride 1 as F(4x4, 3x3) and
// F(4x4, 5x5), with 36 and 64 products where the direct sum has 144 and 400.

#include <cstddef>
#include <cstdint>
#include <optional>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/cuda/contraction.cuh>

namespace ganymede::kernels::cuda {

inline constexpr int winograd_outputs = 4;  ///< of a tile, per axis

enum class ConvContraction : std::uint8_t { forward, input_grad, weight_grad };

/// F(outputs x outputs, taps x taps), with a batch cut into slices that the workspace has room for.
struct WinogradPlan {
  int outputs, taps;
  int images;         ///< of a slice of the batch
  std::size_t bytes;  ///< of workspace, at most 256 MiB
};

/// The filtering that a contraction takes, or none where the direct sum is expected to be faster or
/// the mode asks for rounded operands, whose error the transforms would multiply. A pure function
/// of its arguments, by counting multiply-adds, bytes and launches (docs/performance.md, "Minimal
/// filtering on a GPU").
std::optional<WinogradPlan> winograd_plan(const ConvShape&, ConvContraction, MathMode,
                                          int multiprocessors);

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
