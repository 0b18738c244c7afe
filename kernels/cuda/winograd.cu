// Minimal filtering (winograd_matrices.h) in three steps through memory:
//
//   V[position, tile, channel]   = B^T x B, U[position, filter, channel] = G w G^T
//   M[position, tile, filter]    = sum over channels of V U: a product per position (blockIdx.z)
//   y                            = finish(A^T M A)
//
// A tile is 4 x 4 outputs and (3 + taps) x (3 + taps) positions. The input gradient is the same
// with gy for x and the window flipped. The weight gradient takes the transforms' adjoints:
// S[position, filter, channel] = sum over tiles of (A gy A^T) (B^T x B), gw = G^T S G.
//
// A transform takes a thread per row and column of its matrices (tile and channel, or filter and
// channel), columns fastest: a warp reads and writes 128 contiguous bytes at each position. Memory
// binds it, so that the matrices are applied as they are, without the CPU's pairing of rows.

#include <ganymede/kernels/cuda/winograd.cuh>

#include <algorithm>
#include <utility>

#include <ganymede/kernels/winograd_matrices.h>
#include <ganymede/kernels/cuda/divisor.cuh>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/matrix_view.cuh>

namespace ganymede::kernels::cuda {
namespace {

using winograd::Adjoint, winograd::Filtering, winograd::Input, winograd::Output, winograd::Window;

constexpr int outputs = 4;         ///< of a tile, per axis
constexpr unsigned threads = 128;  // small blocks: a thread holds a tile in its registers

// ---- the transforms ----------------------------------------------------------------------------

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
/// (i outputs + top, j outputs + left), on it or in the padding around it.
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
    return {i * outputs + top,
            j * outputs + left,
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

// ---- the products ------------------------------------------------------------------------------

/// c[z] = a[z] b[z] for matrices that follow each other in memory, on the FMA units.
template <bool AAlongK, bool BAlongK>
struct PositionsProblem {
  static constexpr Contraction contraction = gemm_contraction(!AAlongK, BAlongK);
  static constexpr Summed summed = Summed::nothing;
  static constexpr bool a_along_k = AAlongK, b_along_k = BAlongK;
  using View = MatrixView<AAlongK, BAlongK, true>;
  View first;

  __device__ View view(int z) const {
    View v = first;
    v.a.data += static_cast<std::int64_t>(z) * v.m * v.k;
    v.b.data += static_cast<std::int64_t>(z) * v.n * v.k;
    v.c += static_cast<std::int64_t>(z) * v.m * v.n;
    return v;
  }
};

/// c of m x n; a of m x k (k x m), b of n x k (k x n) where they lie along k (across it). Extents
/// along rows of memory are multiples of 4.
template <bool AAlongK, bool BAlongK>
void multiply_positions(Stream& stream, const ProductExtents& e, const float* a, const float* b,
                        float* c) {
  const PositionsProblem<AAlongK, BAlongK> problem{{{a, e.m, e.k, AAlongK ? e.k : e.m},
                                                    {b, e.n, e.k, BAlongK ? e.k : e.n},
                                                    c,
                                                    e.m,
                                                    e.n,
                                                    e.k,
                                                    0,
                                                    true}};
  product_on_fma_units(stream, problem, e, Finish{});
}

// ---- the contractions --------------------------------------------------------------------------

TileGrid tile_grid(int height, int width, int top, int left, std::int64_t pixel_stride, int tiles_h,
                   int tiles_w) {
  return {height, width, top, left, pixel_stride, Divisor(tiles_w), Divisor(tiles_h * tiles_w)};
}

/// Tiles over y's pixels, as they lie over x and over y.
struct ForwardGrids {
  TileGrid x, y;
  explicit ForwardGrids(const ConvShape& s) {
    const int p = s.out_height(), q = s.out_width();
    const int h = ceil_div(p, outputs), w = ceil_div(q, outputs);
    x = tile_grid(s.height, s.width, -s.pad_top, -s.pad_left, s.x_stride(), h, w);
    y = tile_grid(p, q, 0, 0, s.y_stride(), h, w);
  }
};

/// Tiles over x's pixels, as they lie over y and over x.
struct InputGradGrids {
  TileGrid y, x;
  explicit InputGradGrids(const ConvShape& s) {
    const int h = ceil_div(s.height, outputs), w = ceil_div(s.width, outputs);
    const int top = s.pad_top - (s.kernel_h - 1), left = s.pad_left - (s.kernel_w - 1);
    y = tile_grid(s.out_height(), s.out_width(), top, left, s.y_stride(), h, w);
    x = tile_grid(s.height, s.width, 0, 0, s.x_stride(), h, w);
  }
};

/// Calls body(first image, images) for each slice of the batch.
template <class Body>
void for_slices(int batch, const WinogradPlan& plan, const Body& body) {
  for (int first = 0; first < batch; first += plan.images)
    body(first, std::min(plan.images, batch - first));
}

Block floats(Stream& stream, std::int64_t count) {
  return allocate(stream, sizeof(float) * static_cast<std::size_t>(count));
}
float* data(const Block& block) { return static_cast<float*>(block.data()); }

/// A batch's tiles times transformed windows u [position, filter, channel], to the tiles of
/// another: channels to filters, or filters to channels where Transposed.
template <class F, bool Transposed, class Source>
void correlate(Stream& stream, const WinogradPlan& plan, const ConvShape& s, Source source,
               const float* u, PixelSink sink) {
  constexpr int positions = F::size * F::size;
  const int in = Transposed ? s.filters : s.channels, out = Transposed ? s.channels : s.filters;
  const std::int64_t most_tiles = sink.grid.tiles(plan.images);
  const Block v = floats(stream, positions * most_tiles * in),
              m = floats(stream, positions * most_tiles * out);
  const float* from = source.data;
  float* to = sink.data;
  for_slices(s.batch, plan, [&](int first, int images) {
    const int tiles = sink.grid.tiles(images);
    source.data = from + first * source.grid.image();
    sink.data = to + first * sink.grid.image();
    transform<Input<F>>(stream, source, tiles, in, data(v));
    multiply_positions<true, !Transposed>(stream, {tiles, out, in, positions}, data(v), u, data(m));
    transform_back<Output<F>>(stream, data(m), tiles, out, sink);
  });
}

template <int Taps>
void forward(Stream& stream, const WinogradPlan& plan, const ConvShape& s, const float* x,
             const float* w, float* y, const Prologue& prologue, const Finish& finish) {
  using F = Filtering<outputs, Taps>;
  const Block u = floats(stream, std::int64_t{F::size * F::size} * s.filters * s.channels);
  transform<Window<F>>(stream, TapSource<Taps, false>{w, s.channels}, s.filters, s.channels,
                       data(u));
  const ForwardGrids grids(s);
  const PixelSink sink{grids.y, finish, y};
  if (prologue.scale)
    correlate<F, false>(stream, plan, s, PixelSource<true>{grids.x, prologue, x}, data(u), sink);
  else
    correlate<F, false>(stream, plan, s, PixelSource<false>{grids.x, {}, x}, data(u), sink);
}

template <int Taps>
void input_grad(Stream& stream, const WinogradPlan& plan, const ConvShape& s, const float* gy,
                const float* w, float* gx, const Finish& finish) {
  using F = Filtering<outputs, Taps>;
  const Block u = floats(stream, std::int64_t{F::size * F::size} * s.filters * s.channels);
  transform<Window<F>>(stream, TapSource<Taps, true>{w, s.channels}, s.filters, s.channels,
                       data(u));
  const InputGradGrids grids(s);
  correlate<F, true>(stream, plan, s, PixelSource<false>{grids.y, {}, gy}, data(u),
                     PixelSink{grids.x, finish, gx});
}

template <int Taps>
void weight_grad(Stream& stream, const WinogradPlan& plan, const ConvShape& s, const float* x,
                 const float* gy, float* gw) {
  using F = Filtering<outputs, Taps>;
  constexpr int positions = F::size * F::size;
  const ForwardGrids grids(s);
  const std::int64_t most = positions * std::int64_t{grids.y.tiles(plan.images)};
  const Block v = floats(stream, most * s.channels), g = floats(stream, most * s.filters),
              sums = floats(stream, std::int64_t{positions} * s.filters * s.channels);
  for_slices(s.batch, plan, [&](int first, int images) {
    const int tiles = grids.y.tiles(images);
    transform<Input<F>>(stream, PixelSource<false>{grids.x, {}, x + first * grids.x.image()}, tiles,
                        s.channels, data(v));
    transform<Adjoint<Output<F>>>(stream,
                                  PixelSource<false>{grids.y, {}, gy + first * grids.y.image()},
                                  tiles, s.filters, data(g));
    multiply_positions<false, false>(stream, {s.filters, s.channels, tiles, positions}, data(g),
                                     data(v), data(sums));
    transform_back<Adjoint<Window<F>>>(stream, data(sums), s.filters, s.channels,
                                       TapSink<Taps>{gw, s.channels, first > 0});
  });
}

// ---- the choice --------------------------------------------------------------------------------

bool has_filtering(const ConvShape& s) {
  constexpr int least_channels = 32;
  const bool plain =
      s.groups == 1 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1;
  const bool window = s.kernel_h == s.kernel_w && (s.kernel_h == 3 || s.kernel_h == 5);
  const bool wide = s.channels >= least_channels && s.filters >= least_channels &&
                    s.channels % 4 == 0 && s.filters % 4 == 0;
  return plain && window && wide;
}

/// How one contraction is cut into tiles.
struct Tiling {
  int positions, tiles;  ///< of a tile; of an image

  Tiling(const ConvShape& s, ConvContraction contraction) {
    const bool of_x = contraction == ConvContraction::input_grad;
    const int h = of_x ? s.height : s.out_height(), w = of_x ? s.width : s.out_width();
    const int size = outputs + s.kernel_h - 1;
    positions = size * size;
    tiles = ceil_div(h, outputs) * ceil_div(w, outputs);
  }
  /// Transformed weights or, of the same size, the sums of their gradient.
  std::int64_t weights(const ConvShape& s) const {
    return std::int64_t{positions} * s.filters * s.channels;
  }
  /// Both matrices of an image's tiles.
  std::int64_t image(const ConvShape& s) const {
    return std::int64_t{positions} * tiles * (s.filters + s.channels);
  }
};

/// Images that are transformed at a time: equal slices that fit the workspace, 0 where none does.
int images_of_slice(const ConvShape& s, const Tiling& t) {
  constexpr std::int64_t most = (std::int64_t{256} << 20) / sizeof(float);
  if (t.weights(s) + t.image(s) > most) return 0;
  const auto room = std::min<std::int64_t>((most - t.weights(s)) / t.image(s), s.batch);
  return ceil_div(s.batch, ceil_div(s.batch, static_cast<int>(room)));
}

/// What a way to compute a contraction asks of the device.
struct Work {
  ProductExtents product;
  double floats;  ///< read and written
  int launches;
};

/// In multiply-adds of one multiprocessor, as in contraction.cu. Blocks fill up their tiles of at
/// least 64 x 64.
double cost(const Work& work, int multiprocessors) {
  constexpr double per_float = 4 * 8.0;  // an H200's FMA units do 7 in the time of a byte
  constexpr double per_launch = 6e5;     // some 2 us
  constexpr int tile = 64;
  const ProductExtents& e = work.product;
  const double multiply_adds =
      double(ceil_div(e.m, tile) * tile) * (ceil_div(e.n, tile) * tile) * e.k * e.z;
  return (multiply_adds + per_float * work.floats) / multiprocessors + per_launch * work.launches;
}

Work direct_work(const ConvShape& s, ConvContraction contraction) {
  const int taps = s.kernel_h * s.kernel_w, x = s.batch * s.height * s.width,
            y = s.batch * s.out_height() * s.out_width();
  const double floats = double(x) * s.channels + double(y) * s.filters + double(s.weights());
  switch (contraction) {
    case ConvContraction::forward:
      return {{y, s.filters, taps * s.channels}, floats, 1};
    case ConvContraction::input_grad:
      return {{x, s.channels, taps * s.filters}, floats, 1};
    default:
      return {{s.filters, taps * s.channels, y}, floats, 1};
  }
}

Work filtered_work(const ConvShape& s, ConvContraction contraction, const Tiling& t, int images) {
  const int tiles = t.tiles * s.batch, slices = ceil_div(s.batch, images);
  const double transformed = double(t.weights(s)) + double(t.image(s)) * s.batch;
  const double floats = direct_work(s, contraction).floats + 2 * transformed;
  switch (contraction) {
    case ConvContraction::forward:
      return {{tiles, s.filters, s.channels, t.positions}, floats, 1 + 3 * slices};
    case ConvContraction::input_grad:
      return {{tiles, s.channels, s.filters, t.positions}, floats, 1 + 3 * slices};
    default:
      return {{s.filters, s.channels, tiles, t.positions}, floats, 4 * slices};
  }
}

}  // namespace

std::optional<WinogradPlan> winograd_plan(const ConvShape& s, ConvContraction contraction,
                                          MathMode mode, int multiprocessors) {
  if (mode != MathMode::fp32 || !has_filtering(s)) return std::nullopt;
  const Tiling t(s, contraction);
  const int images = images_of_slice(s, t);
  if (images == 0) return std::nullopt;
  constexpr double worth = 0.8;  // counts are not times
  const double filtered = cost(filtered_work(s, contraction, t, images), multiprocessors),
               direct = cost(direct_work(s, contraction), multiprocessors);
  if (filtered > worth * direct) return std::nullopt;
  const auto floats = static_cast<std::size_t>(t.weights(s) + t.image(s) * images);
  return WinogradPlan{outputs, s.kernel_h, images, sizeof(float) * floats};
}

bool winograd_applies(const Prologue& p) {
  return !p.scale || p.activation == Activation::none || p.activation == Activation::leaky_relu;
}

void winograd_forward(Stream& stream, const WinogradPlan& plan, const ConvShape& s, const float* x,
                      const float* w, float* y, const Prologue& prologue, const Finish& finish) {
  (plan.taps == 3 ? forward<3> : forward<5>)(stream, plan, s, x, w, y, prologue, finish);
}

void winograd_input_grad(Stream& stream, const WinogradPlan& plan, const ConvShape& s,
                         const float* gy, const float* w, float* gx, const Finish& finish) {
  (plan.taps == 3 ? input_grad<3> : input_grad<5>)(stream, plan, s, gy, w, gx, finish);
}

void winograd_weight_grad(Stream& stream, const WinogradPlan& plan, const ConvShape& s,
                          const float* x, const float* gy, float* gw) {
  (plan.taps == 3 ? weight_grad<3> : weight_grad<5>)(stream, plan, s, x, gy, gw);
}

}  // namespace ganymede::kernels::cuda
