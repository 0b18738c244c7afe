// Minimal filtering (winograd_matrices.h) in three steps through memory:
//
//   V[position, tile, channel]   = B^T x B, U[position, filter, channel] = G w G^T
//   M[position, tile, filter]    = sum over channels of V U: a product per position (blockIdx.z)
//   y                            = finish(A^T M A)
//
// A tile is 4 x 4 outputs and (3 + taps) x (3 + taps) positions. The input gradient is the same
// with gy for x and the window flipped. The weight gradient takes the transforms' adjoints:
// S[position, filter, channel] = sum over tiles of (A gy A^T) (B^T x B), gw = G^T S G.

#include <ganymede/kernels/cuda/winograd.cuh>

#include <algorithm>

#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/matrix_view.cuh>
#include <ganymede/kernels/cuda/winograd_transform.cuh>

namespace ganymede::kernels::cuda {
namespace {

using winograd::Adjoint, winograd::Filtering, winograd::Input, winograd::Output, winograd::Window;
using namespace winograd_detail;

constexpr int outputs = winograd_outputs;

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

}  // namespace

std::optional<WinogradPlan> winograd_on(Stream& stream, const ConvShape& s,
                                        Contraction contraction) {
  return winograd_plan(s, contraction, state_of(stream)->hardware, stream.math_mode());
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
