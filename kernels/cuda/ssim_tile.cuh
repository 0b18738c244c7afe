#pragma once
// A block's part of SSIM: a tile of windows, or of pixels, of one channel of an image. What the
// tile's windows cover lies in shared memory; the Gaussian window being a product of its two axes,
// weighted sums are taken along the rows first, where a thread makes a run of neighbours from
// the same loads, and then down the columns, where it makes a pair.

#include <ganymede/kernels/metric.h>
#include <ganymede/kernels/ssim_window.h>
#include <ganymede/kernels/cuda/divisor.cuh>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {

namespace ssim_detail {

constexpr int window = SsimShape::window, threads = 256;
constexpr int tile_rows = 16, tile_columns = 32;
constexpr int run = 4;  ///< neighbours along a row: a vector of floats
constexpr int pair = 2;
constexpr int staged_rows = tile_rows + window - 1;
/// Runs read whole vectors: 14 columns are needed, 16 are read.
constexpr int run_reach = (run + window - 1 + 3) / 4 * 4;
constexpr int staged_columns = tile_columns - run + run_reach;
constexpr int runs = tile_columns / run;
/// Column, from a run's first, that the windows of all four cover: their sums are taken around it.
constexpr int midst = window / 2 + 1;

static_assert(tile_rows / pair * tile_columns == threads, "in columns a thread has a pair");

struct alignas(16) Staged {
  float at[staged_rows][staged_columns];
};
struct alignas(16) Lines {  ///< sums along the rows
  float at[staged_rows][tile_columns];
};

/// The vectors of row `row` that the run from column `first` reads.
__device__ inline void load_run(const Staged& from, int row, int first, float (&to)[run_reach]) {
#pragma unroll
  for (int i = 0; i < run_reach; i += 4) {
    const float4 v = load4(&from.at[row][first + i]);
    to[i] = v.x, to[i + 1] = v.y, to[i + 2] = v.z, to[i + 3] = v.w;
  }
}

__device__ inline void store_run(Lines& to, int row, int first, const float (&from)[run]) {
  store4(&to.at[row][first], make_float4(from[0], from[1], from[2], from[3]));
}

/// A matrix in global memory: elements of a row lie `step` places apart, rows `row_stride`.
struct Matrix {
  int rows, columns;
  std::int64_t row_stride;
  int step;

  __device__ bool has(int row, int column) const {
    return static_cast<unsigned>(row) < static_cast<unsigned>(rows) &&
           static_cast<unsigned>(column) < static_cast<unsigned>(columns);
  }
  __device__ std::int64_t place(int row, int column) const {
    return row * row_stride + static_cast<std::int64_t>(column) * step;
  }
};

/// Brings a tile's part of a matrix, from (row, column) on, to shared memory: store(r, c, load(at))
/// with the element `at` places behind the matrix' first one, and store(r, c, {}) where it ends.
/// All are asked for before the first is stored.
template <class Load, class Store>
__device__ inline void stage(const Matrix& m, int row, int column, const Load& load,
                             const Store& store) {
  constexpr int size = staged_rows * staged_columns, each = ceil_div(size, threads);
  decltype(load(0)) values[each];
#pragma unroll
  for (int k = 0; k < each; ++k) {
    const int i = k * threads + thread_rank();
    const int r = row + i / staged_columns, c = column + i % staged_columns;
    values[k] = {};
    if (i < size && m.has(r, c)) values[k] = load(m.place(r, c));
  }
#pragma unroll
  for (int k = 0; k < each; ++k) {
    const int i = k * threads + thread_rank();
    if (i < size) store(i / staged_columns, i % staged_columns, values[k]);
  }
}

/// A tile's place.
struct Tile {
  int image, channel, row, column;
};

/// The tiles of a batch of images of height x width windows or pixels: channels first, then
/// columns, rows and images. A block for each: they are fewer than 2^31, since of 11 x 11 pixels
/// each so many would be a terabyte.
struct Tiles {
  Divisor channels, across, per_image;
  int count = 0;

  Tiles(int batch, int height, int width, int of_channels)
      : channels(of_channels),
        across(ceil_div(width, tile_columns)),
        per_image(ceil_div(height, tile_rows) * across.value() * of_channels),
        count(batch * per_image.value()) {}

  __device__ Tile tile(int number) const {
    const int image = per_image.quotient(number), in_image = number - image * per_image.value();
    const int place = channels.quotient(in_image), row = across.quotient(place);
    return {image, in_image - place * channels.value(), row * tile_rows,
            (place - row * across.value()) * tile_columns};
  }
};

}  // namespace ssim_detail
}  // namespace ganymede::kernels::cuda
