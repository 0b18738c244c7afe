#pragma once
// Parts of the tiled convolutions: zero-padded images, lists of taps, lattices of outputs.

#include <cstdint>
#include <vector>

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/workspace.h>

namespace ganymede::kernels::cpu::tiled {

/// A batch of images with zeros around them. At least tile_columns readable zeros follow the last.
struct Padded {
  Workspace block;
  const float* data = nullptr;
  std::int64_t pixel = 0, row = 0, image = 0;  ///< strides in f32
};

struct Margins {
  int top, left, bottom, right;
};

Padded pad(Stream& stream, int batch, int height, int width, int channels, const Margins& margins,
           const float* x);

/// Taps of one convolution: where each finds its input, and its weights
/// w[tap + output * out_step + d * depth_step + group * group_step].
struct Taps {
  std::vector<std::int64_t> input, weight;
  std::int64_t depth, out_step, depth_step, group_step;
  int groups, outputs;  ///< outputs per group
};

/// Outputs of one convolution, on a lattice of pixels.
struct Lattice {
  std::int64_t rows, columns;                   ///< extents
  std::int64_t in_row, in_column;               ///< input step per output row and column
  std::int64_t out_image, out_row, out_column;  ///< strides of the output
};

/// y[lattice] = sum over taps of x w, for all images.
void convolve(Stream& stream, int batch, const Padded& x, const Taps& taps, const Lattice& lattice,
              const float* w, float* y, const Fused& fused);

}  // namespace ganymede::kernels::cpu::tiled
