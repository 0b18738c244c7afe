#pragma once
// The transforms of minimal filtering (winograd.cu). One takes a thread per row and column of its
// matrices (tile and channel, or filter and channel), columns fastest: a warp reads and writes 128
// contiguous bytes at each position. Memory binds it, so that the matrices are applied as they are,
// without the CPU's pairing of rows.

#include <cstdint>
#include <utility>

#include <ganymede/kernels/winograd_matrices.h>
#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/divisor.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/winograd.cuh>

namespace ganymede::kernels::cuda::winograd_detail {

inline constexpr unsigned threads = 128;  // small blocks: a thread holds a tile in its registers

template <class T, int Row, int Column>
__device__ void add_term(float x, float& sum) {
  constexpr auto c = static_cast<float>(T::matrix.at[Row][Column]);
  if constexpr (c != 0.0f) sum += c * x;
}

template <class T, int Row, int... Columns>
__device__ float row_times(const float* x, std::integer_sequence<int, Columns...>) {
  float sum = 0.0f;
  (add_term<T, Row, Columns>(x[Columns], sum), ...);
  return sum;
}

/// out = T x. Its entries are constants of the code.
template <class T, int... Rows>
__device__ void times(const float* x, float* out, std::integer_sequence<int, Rows...>) {
  using Columns = std::make_integer_sequence<int, T::matrix.columns>;
  ((out[Rows] = row_times<T, Rows>(x, Columns())), ...);
}

/// T x T^T of a square of values: read(i, j) gives x, write(i, j, v) takes the result.
template <class T, class Read, class Write>
__device__ void transform_square(Read read, Write write) {
  constexpr int in = T::matrix.columns, out = T::matrix.rows;
  using Rows = std::make_integer_sequence<int, out>;
  float half[in][out];
#pragma unroll
  for (int j = 0; j < in; ++j) {
    float column[in];
#pragma unroll
    for (int i = 0; i < in; ++i) column[i] = read(i, j);
    times<T>(column, half[j], Rows());
  }
#pragma unroll
  for (int i = 0; i < out; ++i) {
    float row[in], result[out];
#pragma unroll
    for (int j = 0; j < in; ++j) row[j] = half[j][i];
    times<T>(row, result, Rows());
#pragma unroll
    for (int j = 0; j < out; ++j) write(i, j, result[j]);
  }
}

/// Where the tiles of an image batch lie: tile (i, j) of an image begins at its pixel
/// (4 i + top, 4 j + left), on it or in the padding around it.
struct TileGrid {
  int height, width, top, left;
  std::int64_t pixel_stride;
  Divisor by_row, by_image;  ///< tiles in a row of tiles, and in an image

  /// The pixels under one tile, of one channel.
  struct Square {
    int h, w, height, width;
    std::int64_t pixel_stride, first;

    /// Offset of pixel (h + i, w + j), -1 outside.
    __device__ std::int64_t at(int i, int j) const {
      if (static_cast<unsigned>(h + i) >= static_cast<unsigned>(height) ||
          static_cast<unsigned>(w + j) >= static_cast<unsigned>(width))
        return -1;
      return first + (static_cast<std::int64_t>(h + i) * width + w + j) * pixel_stride;
    }
  };
  __device__ Square square(int tile, int channel) const {
    const int image = by_image.quotient(tile), rest = tile - image * by_image.value();
    const int i = by_row.quotient(rest), j = rest - i * by_row.value();
    return {i * winograd_outputs + top,
            j * winograd_outputs + left,
            height,
            width,
            pixel_stride,
            static_cast<std::int64_t>(image) * height * width * pixel_stride + channel};
  }
  int tiles(int images) const { return images * by_image.value(); }
  std::int64_t image() const { return std::int64_t{height} * width * pixel_stride; }
};

/// Pixels to transform, rows = tiles, columns = channels. Padding is zero, after the prologue too.
template <bool HasPrologue>
struct PixelSource {
  TileGrid grid;
  Prologue prologue;
  const float* data;

  struct Square {
    TileGrid::Square square;
    const float* data;
    float scale, shift, slope;
    __device__ float operator()(int i, int j) const {
      const std::int64_t at = square.at(i, j);
      if (at < 0) return 0.0f;
      const float v = __ldg(data + at);
      if constexpr (HasPrologue) return functor::leaky_relu(v * scale + shift, slope);
      return v;
    }
  };
  __device__ Square square(int tile, int channel) const {
    Square s{grid.square(tile, channel), data, 1.0f, 0.0f, 1.0f};
    if constexpr (HasPrologue) {
      s.scale = __ldg(prologue.scale + channel);
      s.shift = __ldg(prologue.shift + channel);
      if (prologue.activation == Activation::leaky_relu) s.slope = prologue.slope;
    }
    return s;
  }
};

/// Where results go: rows = tiles, columns = channels.
struct PixelSink {
  TileGrid grid;
  Finish finish;
  float* data;

  struct Square {
    TileGrid::Square square;
    const PixelSink& all;
    int channel;
    __device__ void operator()(int i, int j, float v) const {
      const std::int64_t at = square.at(i, j);
      if (at >= 0) all.data[at] = all.finish.cheap(v, channel);
    }
  };
  __device__ Square square(int tile, int channel) const {
    return {grid.square(tile, channel), *this, channel};
  }
};

/// The windows of KRSC weights, rows = filters, columns = channels.
template <int Taps, bool Flipped>
struct TapSource {
  const float* data;
  int channels;

  struct Square {
    const float* window;
    int channels;
    __device__ float operator()(int r, int s) const {
      const int tap = r * Taps + s;
      return __ldg(window + (Flipped ? Taps * Taps - 1 - tap : tap) * channels);
    }
  };
  __device__ Square square(int filter, int channel) const {
    return {data + static_cast<std::int64_t>(filter) * (Taps * Taps) * channels + channel,
            channels};
  }
};

/// The same as the target of their gradient. `more`: to be added to what earlier slices gave.
template <int Taps>
struct TapSink {
  float* data;
  int channels;
  bool more;

  struct Square {
    float* window;
    int channels;
    bool more;
    __device__ void operator()(int r, int s, float v) const {
      float& to = window[(r * Taps + s) * channels];
      to = more ? to + v : v;
    }
  };
  __device__ Square square(int filter, int channel) const {
    return {data + static_cast<std::int64_t>(filter) * (Taps * Taps) * channels + channel, channels,
            more};
  }
};

/// positions[position, row, column] = T s T^T of each square s of the source; `count` rows times
/// columns.
template <class T, class Source>
__global__ void __launch_bounds__(threads)
    to_positions(const __grid_constant__ Source source, Divisor by_columns, int count,
                 float* positions) {
  for (std::int64_t at = grid_first(); at < count; at += grid_stride()) {
    const int i = static_cast<int>(at), row = by_columns.quotient(i);
    const auto square = source.square(row, i - row * by_columns.value());
    transform_square<T>(square, [&](int r, int s, float v) {
      positions[static_cast<std::int64_t>(r * T::matrix.rows + s) * count + i] = v;
    });
  }
}

/// The other way: what lies at the positions of a row and column, transformed, to a square of the
/// sink.
template <class T, class Sink>
__global__ void __launch_bounds__(threads)
    from_positions(const __grid_constant__ Sink sink, Divisor by_columns, int count,
                   const float* positions) {
  for (std::int64_t at = grid_first(); at < count; at += grid_stride()) {
    const int i = static_cast<int>(at), row = by_columns.quotient(i);
    transform_square<T>(
        [&](int r, int s) {
          return __ldg(positions + static_cast<std::int64_t>(r * T::matrix.columns + s) * count +
                       i);
        },
        sink.square(row, i - row * by_columns.value()));
  }
}

template <class T, class Source>
void transform(Stream& stream, const Source& source, int rows, int columns, float* positions) {
  const int count = rows * columns;  // no more than the workspace has room for
  launch(stream, grid_for(count, threads, 1u << 20), threads, 0, to_positions<T, Source>, source,
         Divisor(columns), count, positions);
}

template <class T, class Sink>
void transform_back(Stream& stream, const float* positions, int rows, int columns,
                    const Sink& sink) {
  const int count = rows * columns;  // no more than the workspace has room for
  launch(stream, grid_for(count, threads, 1u << 20), threads, 0, from_positions<T, Sink>, sink,
         Divisor(columns), count, positions);
}

}  // namespace ganymede::kernels::cuda::winograd_detail
