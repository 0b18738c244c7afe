#pragma once
// Convolutions one side of which has a few channels: the image ends of a network.
//
// All contractions of such a convolution, and the transposed one, walk one map: a grid of pixels of
// one tensor, and for each of them the pixels of the other that its taps meet.
//   spread    grid = wide side, written:  wide[p, :] = sum over taps of thin[p at tap] w[tap, :]
//   gather    grid = thin side, written:  thin[p] = sum over taps of <wide[p at tap, :], w[tap, :]>
//   gradient  grid = wide side, read:     gw[tap, :] = sum over p of thin[p at tap] wide[p, :]
// Where the output of the convolution is the grid there is one. Where its input is, the pixels are
// cut into stride phases, each a grid with taps of its own (stride_phase.h).
//
// A thread owns four neighbouring channels of the wide side and a run of pixels of a row, so that
// what it loads is used several times. That wants one group, wide channels in fours and aligned,
// and weights that fit shared memory: the functions below say false where a shape is none of
// theirs, and do nothing. The kernels that take any shape spend many instructions on every product.

#include <ganymede/kernels/stride_phase.h>
#include <ganymede/kernels/cuda/conv.cuh>

namespace ganymede::kernels::cuda {

/// One axis of the map. Pixel i < count of the grid is number first + i step of its tensor. Its tap
/// t < taps is number tap0 + t tap_step of the kernel, and meets pixel origin + i stride + t reach
/// of the other tensor, which has `extent` of them.
struct ThinAxis {
  int count, first, step;
  int extent, origin, stride, reach;
  int taps, tap0, tap_step;
  Divisor by_count;

  /// From the pixel of the lowest tap to that of tap t.
  __host__ __device__ int tap_offset(int t) const {
    return reach < 0 ? (t + 1 - taps) * reach : t * reach;
  }
  __host__ __device__ int lowest() const { return reach < 0 ? (taps - 1) * reach : 0; }
};

struct ThinMap {
  static constexpr int most_phases = 4;  ///< along an axis
  ThinAxis rows[most_phases], columns[most_phases];
  int row_phases, column_phases;
  int batch, grid_height, grid_width;
  std::int64_t grid_pixel, other_pixel;  ///< floats from pixel to pixel of either tensor
  int wide, thin;                        ///< channels of the sides
  int kernel_h, kernel_w;
  std::int64_t w_wide, w_thin, w_tap;  ///< floats between neighbours in the weights
  MathMode mode;

  __host__ __device__ int phases() const { return row_phases * column_phases; }
  /// Of the weights for one wide channel.
  __host__ __device__ int depth() const { return kernel_h * kernel_w * thin; }
  /// Rows of phase `rows` in all images.
  __device__ int lines(const ThinAxis& axis) const { return batch * axis.count; }
};

/// The axes of this block's phase, blockIdx.z.
__device__ inline const ThinAxis& phase_rows(const ThinMap& map) {
  return map.rows[static_cast<int>(blockIdx.z) / map.column_phases];
}
__device__ inline const ThinAxis& phase_columns(const ThinMap& map) {
  return map.columns[static_cast<int>(blockIdx.z) % map.column_phases];
}

/// Line number `line` of a phase as image and row of the grid.
struct GridLine {
  int image, row;
};
__device__ inline GridLine grid_line(const ThinAxis& rows, int line) {
  const int image = rows.by_count.quotient(line);
  return {image, line - image * rows.count};
}

/// Where column j of a line lies in the grid's tensor.
__device__ inline std::int64_t grid_offset(const ThinMap& map, const ThinAxis& rows,
                                           const ThinAxis& columns, const GridLine& at, int j) {
  const int line = at.image * map.grid_height + rows.first + at.row * rows.step;
  return (std::int64_t{line} * map.grid_width + columns.first + j * columns.step) * map.grid_pixel;
}

__device__ inline void fma4(float4& sum, float a, const float4& b) {
  sum.x += a * b.x;
  sum.y += a * b.y;
  sum.z += a * b.z;
  sum.w += a * b.w;
}

/// Rounded as a mode known when compiled says: a test for each value would cost more than its
/// products.
template <MathMode Mode>
__device__ float4 rounded(const float4& v) {
  return rounded(v, Mode);
}

/// How spread and gradient cut their work. A segment is `lines` lines of column_slots runs each;
/// the thin side's pixels that its taps meet lie in shared memory, a patch: for each line, each row
/// of taps, the columns.
struct ThinCut {
  int log_vectors;  ///< threads along the wide channels, four channels each
  int log_column_slots, lines;
  int patch_rows, patch_row;  ///< of a line; floats of one
  Divisor by_patch_rows, by_patch_row, by_thin;
  int segments, wide_blocks;  ///< of the phase that has the most; blocks along the wide channels

  __host__ __device__ int vectors() const { return 1 << log_vectors; }
  __host__ __device__ int column_slots() const { return 1 << log_column_slots; }
  __host__ __device__ int patch() const { return lines * patch_rows * patch_row; }
};

/// For runs of `run` pixels, at most `most_slots` of them at a time, and patches of at most
/// `most_floats`. Nothing that fits: zero lines.
ThinCut cut_thin(const ThinMap& map, int vectors, int run, int most_slots, int most_floats);

/// Segment number `i` of a phase: its first line and column; false where there are not so many.
struct ThinSegment {
  int line, column;
  bool exists;
};
__device__ inline ThinSegment thin_segment(const ThinMap& map, const ThinCut& cut,
                                           const ThinAxis& rows, const ThinAxis& columns, int run,
                                           int i) {
  const int width = run << cut.log_column_slots;
  const int across = ceil_div(columns.count, width), down = ceil_div(map.lines(rows), cut.lines);
  if (across == 0 || i >= across * down) return {0, 0, false};
  const int group = i / across;
  return {group * cut.lines, (i - group * across) * width, true};
}

/// Place i of a patch: what lies there, null where that is a zero, and its channel.
struct PatchPlace {
  const float* source;
  int channel;
};
__device__ inline PatchPlace patch_place(const ThinMap& map, const ThinCut& cut,
                                         const ThinAxis& rows, const ThinAxis& columns,
                                         const ThinSegment& segment, const float* thin, int i) {
  const int row = cut.by_patch_row.quotient(i), place = i - row * cut.patch_row;
  const int line = cut.by_patch_rows.quotient(row), tap = row - line * cut.patch_rows;
  const int column = cut.by_thin.quotient(place), c = place - column * map.thin;
  const int number = segment.line + line;
  if (i >= cut.patch() || tap >= rows.taps || number >= map.lines(rows)) return {nullptr, c};
  const GridLine at = grid_line(rows, number);
  const int h = rows.origin + at.row * rows.stride + tap * rows.reach;
  const int w = columns.origin + segment.column * columns.stride + columns.lowest() + column;
  if (static_cast<unsigned>(h) >= static_cast<unsigned>(rows.extent) ||
      static_cast<unsigned>(w) >= static_cast<unsigned>(columns.extent))
    return {nullptr, c};
  const std::int64_t pixel = (std::int64_t{at.image} * rows.extent + h) * columns.extent + w;
  return {thin + pixel * map.other_pixel + c, c};
}

/// Fills the patch of a segment, rounded; zeros outside of the image. All threads of the block.
__device__ inline void stage_patch(const ThinMap& map, const ThinCut& cut, const ThinAxis& rows,
                                   const ThinAxis& columns, const ThinSegment& segment,
                                   const Prologue& prologue, const float* thin, float* patch) {
  constexpr int together = 4;  // loads under way
  const int threads = static_cast<int>(blockDim.x);
  for (int i = static_cast<int>(threadIdx.x); i < cut.patch(); i += together * threads) {
    PatchPlace places[together];
    float values[together];
#pragma unroll
    for (int j = 0; j < together; ++j)
      places[j] = patch_place(map, cut, rows, columns, segment, thin, i + j * threads);
#pragma unroll
    for (int j = 0; j < together; ++j)
      values[j] = places[j].source ? __ldg(places[j].source) : 0.0f;
#pragma unroll
    for (int j = 0; j < together; ++j) {
      if (i + j * threads >= cut.patch()) continue;
      float v = values[j];
      if (prologue.scale && places[j].source) v = prologued(prologue, v, places[j].channel);
      patch[i + j * threads] = rounded(v, map.mode);
    }
  }
}

/// The map whose grid is the convolution's output, or its input; false where it has groups or more
/// phases than a map holds, or neither side is thin.
bool map_of_output(const ConvGeometry& g, ThinMap& map);
bool map_of_input(const ConvGeometry& g, ThinMap& map);

bool thin_spread(Stream& stream, const ThinMap& map, const Prologue& prologue, const Finish& finish,
                 const float* thin, const float* w, float* wide);
bool thin_gather(Stream& stream, const ThinMap& map, const Prologue& prologue, const Finish& finish,
                 const float* wide, const float* w, float* thin);
/// `gbias`, if not null, becomes the sum over pixels of the convolution's output side:
/// `bias_of_wide` says which that is.
bool thin_gradient(Stream& stream, const ThinMap& map, const float* thin, const float* wide,
                   float* gw, float* gbias, bool bias_of_wide);

}  // namespace ganymede::kernels::cuda
