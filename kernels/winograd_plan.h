#pragma once
// Which convolutions the CUDA kernels compute by minimal filtering (cuda/winograd.cuh).

#include <cstddef>
#include <optional>

#include <ganymede/kernels/plan.h>

namespace ganymede::kernels {

inline constexpr int winograd_outputs = 4;  ///< of a tile, per axis

/// F(outputs x outputs, taps x taps), with a batch cut into slices that the workspace has room for.
struct WinogradPlan {
  int outputs, taps;
  int images;         ///< of a slice of the batch
  std::size_t bytes;  ///< of workspace, at most 256 MiB
  double clocks;      ///< of the device, by the count behind the choice
};

/// The filtering that a contraction takes, or none where the direct sum is expected to be faster or
/// the mode asks for rounded operands, whose error the transforms would multiply. A pure function
/// of its arguments, by counting multiply-adds, bytes and launches (docs/performance.md, "Minimal
/// filtering on a GPU").
std::optional<WinogradPlan> winograd_plan(const ConvShape& shape, Contraction contraction,
                                          const Hardware& hardware, MathMode mode);

}  // namespace ganymede::kernels
