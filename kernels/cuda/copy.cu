// Moving and converting data. All of it is bound by memory, so each kernel gives neighbouring
// threads neighbouring elements of the output and strides over the rest.

#include <algorithm>
#include <span>
#include <type_traits>

#include <ganymede/kernels/copy.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// to[r, c] (+)= from[r, c]; a thread per element, columns fastest.
__global__ void __launch_bounds__(threads)
    copy_columns_kernel(Columns s, const float* from, float* to) {
  const std::int64_t count = s.rows * s.width;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const std::int64_t row = i / s.width, column = i - row * s.width;
    const float value = from[row * s.from_stride + column];
    float& out = to[row * s.to_stride + column];
    out = s.accumulate ? out + value : value;
  }
}

/// As many parts as one launch takes.
template <class T>
struct Parts {
  static constexpr std::size_t most = 64;
  ColumnPart<T> of[most];
  std::int64_t first_column[most];
};

/// The parts' elements and their places side by side in rows of `width`, one way or the other; a
/// row of blocks for each part.
template <class T, class Wide>
__global__ void __launch_bounds__(threads)
    parts_kernel(std::int64_t rows, std::int64_t width, const __grid_constant__ Parts<T> parts,
                 Wide* wide) {
  const ColumnPart<T>& part = parts.of[blockIdx.y];
  if (!part.data) return;
  Wide* const columns = wide + parts.first_column[blockIdx.y];
  const std::int64_t count = rows * part.channels;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const std::int64_t row = i / part.channels, column = i - row * part.channels;
    if constexpr (std::is_const_v<T>)
      columns[row * width + column] = part.data[i];
    else
      part.data[i] = columns[row * width + column];
  }
}

template <class T, class Wide>
void copy_parts(Stream& stream, std::int64_t rows, std::span<const ColumnPart<T>> all, Wide* wide) {
  std::int64_t width = 0, first = 0;
  for (const ColumnPart<T>& part : all) width += part.channels;
  while (!all.empty()) {
    const std::size_t count = std::min(all.size(), Parts<T>::most);
    Parts<T> parts{};
    std::int64_t widest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      parts.of[i] = all[i];
      parts.first_column[i] = first;
      first += all[i].channels;
      if (all[i].data) widest = std::max(widest, all[i].channels);
    }
    if (rows > 0 && widest > 0)
      launch(stream, dim3(grid_for(rows * widest, threads), static_cast<unsigned>(count)), threads,
             0, parts_kernel<T, Wide>, rows, width, parts, wide);
    all = all.subspan(count);
  }
}

/// y[i, :] = scale x[index[i], :] + shift; a thread per element of y.
template <class T>
__global__ void __launch_bounds__(threads)
    gather_kernel(GatherRows s, const T* x, const std::int32_t* index, float* y) {
  const std::int64_t count = s.rows * s.width;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const std::int64_t row = i / s.width, column = i - row * s.width;
    const std::int64_t source = index ? index[row] : row;
    const bool valid = source >= 0 && source < s.source_rows;
    y[i] = valid ? s.scale * static_cast<float>(x[source * s.width + column]) + s.shift : NAN;
  }
}

template <class T>
void gather_as(Stream& stream, const GatherRows& s, const void* x, const std::int32_t* index,
               float* y) {
  launch(stream, grid_for(s.rows * s.width, threads), threads, 0, gather_kernel<T>, s,
         static_cast<const T*>(x), index, y);
}

/// y[r, :] = sum over i with index[i] = r of g[i, :], in ascending i.
/// A block owns a row of y and a stretch of its columns: it looks through the indices `threads` at
/// a time, and each thread adds the matching rows into its own column. No two threads write the
/// same element, so the order is that of i.
struct ScatterShared {
  int matches[threads];
};
__global__ void __launch_bounds__(threads)
    scatter_kernel(GatherRows s, const float* g, const std::int32_t* index, float* y) {
  ScatterShared& shared = shared_memory<ScatterShared>();
  const std::int64_t row = blockIdx.x;
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.y) * threads + threadIdx.x;
  float sum = 0.0f;
  for (std::int64_t first = 0; first < s.rows; first += threads) {
    const std::int64_t mine = first + threadIdx.x;
    const bool named = mine < s.rows && (index ? index[mine] : mine) == row;
    shared.matches[threadIdx.x] = named;
    if (__syncthreads_or(named) && column < s.width) {
      for (int j = 0; j < static_cast<int>(threads); ++j)
        if (shared.matches[j]) sum += g[(first + j) * s.width + column];
    }
    __syncthreads();
  }
  if (column < s.width) y[row * s.width + column] = sum;
}

__global__ void __launch_bounds__(threads)
    one_hot_kernel(std::int64_t rows, int classes, float on, float off, const std::int32_t* label,
                   float* y) {
  for (std::int64_t i = grid_first(); i < rows * classes; i += grid_stride()) {
    const std::int64_t row = i / classes;
    y[i] = label[row] == static_cast<int>(i - row * classes) ? on : off;
  }
}

/// inner = 1: y[o, c, r] = x[o, r, c] by 32 x 32 tiles, read and written along the memory of each
/// side. The odd row length keeps the transposed reads of shared memory free of bank conflicts.
constexpr int tile = 32, tile_rows = 8;
struct TransposeShared {
  float values[tile][tile + 1];
};
__global__ void __launch_bounds__(tile* tile_rows)
    transpose_tiles(Transpose s, const float* x, float* y) {
  TransposeShared& shared = shared_memory<TransposeShared>();
  const std::int64_t column = static_cast<std::int64_t>(blockIdx.x) * tile;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.y) * tile;
  for (std::int64_t o = blockIdx.z; o < s.outer; o += gridDim.z) {
    const std::int64_t base = o * s.rows * s.columns;
    // Addresses by addition: products of 64 bits for each line would not fit the registers.
    const float* from = x + base + (row + threadIdx.y) * s.columns + column + threadIdx.x;
    for (int j = threadIdx.y; j < tile; j += tile_rows, from += tile_rows * s.columns)
      if (row + j < s.rows && column + threadIdx.x < s.columns)
        shared.values[j][threadIdx.x] = *from;
    __syncthreads();
    float* to = y + base + (column + threadIdx.y) * s.rows + row + threadIdx.x;
    for (int j = threadIdx.y; j < tile; j += tile_rows, to += tile_rows * s.rows)
      if (column + j < s.columns && row + threadIdx.x < s.rows) *to = shared.values[threadIdx.x][j];
    __syncthreads();
  }
}

/// inner > 1: runs of `inner` stay together; a thread per element of y.
__global__ void __launch_bounds__(threads) transpose_runs(Transpose s, const float* x, float* y) {
  const std::int64_t count = s.outer * s.rows * s.columns * s.inner;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const std::int64_t run = i / s.inner, l = i - run * s.inner;
    const std::int64_t line = run / s.rows, row = run - line * s.rows;
    const std::int64_t o = line / s.columns, column = line - o * s.columns;
    y[i] = x[((o * s.rows + row) * s.columns + column) * s.inner + l];
  }
}

unsigned at_most(std::int64_t blocks, unsigned limit) {
  return blocks < static_cast<std::int64_t>(limit) ? static_cast<unsigned>(blocks) : limit;
}

}  // namespace

void copy_columns(Stream& stream, const Columns& s, const float* from, float* to) {
  if (s.rows > 0 && s.width > 0)
    launch(stream, grid_for(s.rows * s.width, threads), threads, 0, copy_columns_kernel, s, from,
           to);
}

void join_columns(Stream& stream, std::int64_t rows, std::span<const ColumnPart<const float>> parts,
                  float* wide) {
  copy_parts(stream, rows, parts, wide);
}

void split_columns(Stream& stream, std::int64_t rows, std::span<const ColumnPart<float>> parts,
                   const float* wide) {
  copy_parts(stream, rows, parts, wide);
}

void gather(Stream& stream, const GatherRows& s, const void* x, const std::int32_t* index,
            float* y) {
  if (s.rows <= 0 || s.width <= 0) return;
  switch (s.type) {
    case DType::u8:
      return gather_as<std::uint8_t>(stream, s, x, index, y);
    case DType::u16:
      return gather_as<std::uint16_t>(stream, s, x, index, y);
    case DType::i32:
      return gather_as<std::int32_t>(stream, s, x, index, y);
    case DType::i64:
      return gather_as<std::int64_t>(stream, s, x, index, y);
    case DType::f32:
      return gather_as<float>(stream, s, x, index, y);
  }
}

void scatter(Stream& stream, const GatherRows& s, const float* g, const std::int32_t* index,
             float* y) {
  if (s.source_rows <= 0 || s.width <= 0) return;
  const std::int64_t stretches = ceil_div<std::int64_t>(s.width, threads);
  if (s.source_rows > 0x7fffffff || stretches > 65535)
    throw ShapeError("scatter: more rows or columns than a grid has blocks");
  launch(stream, dim3(static_cast<unsigned>(s.source_rows), static_cast<unsigned>(stretches)),
         threads, sizeof(ScatterShared), scatter_kernel, s, g, index, y);
}

void one_hot(Stream& stream, std::int64_t rows, int classes, float on, float off,
             const std::int32_t* label, float* y) {
  if (rows > 0 && classes > 0)
    launch(stream, grid_for(rows * classes, threads), threads, 0, one_hot_kernel, rows, classes, on,
           off, label, y);
}

void transpose(Stream& stream, const Transpose& s, const float* x, float* y) {
  const std::int64_t count = s.outer * s.rows * s.columns * s.inner;
  if (count <= 0) return;
  const std::int64_t down = ceil_div<std::int64_t>(s.rows, tile);
  const std::int64_t across = ceil_div<std::int64_t>(s.columns, tile);
  if (s.inner > 1 || down > 65535 || across > 0x7fffffff) {
    launch(stream, grid_for(count, threads), threads, 0, transpose_runs, s, x, y);
    return;
  }
  launch(stream,
         dim3(static_cast<unsigned>(across), static_cast<unsigned>(down), at_most(s.outer, 65535)),
         dim3(tile, tile_rows), sizeof(TransposeShared), transpose_tiles, s, x, y);
}

}  // namespace ganymede::kernels::cuda
