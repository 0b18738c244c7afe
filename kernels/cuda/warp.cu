// Affine and elastic warps: y[n,p,q,:] = bilinear x at M_n (p, q, 1) + D_n(p, q), and the adjoint.
// Forward: a thread per output element. Adjoint: a thread per input element; an output reads pixel
// (h, w) only if its source point lies within one pixel of it, so the thread walks the bounding box
// of that square, widened by the bounds of D, mapped back through the inverse of M, and recomputes
// the weights as the forward does (a displacement to within rounding). Fixed order, no atomics.

#include <cmath>

#include <ganymede/kernels/resample.h>
#include <ganymede/kernels/cuda/image.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/warp_sources.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// The neighbours of a source coordinate along one axis. `zero` leaves those outside unclamped.
struct Taps {
  int low, high;
  float share;
  __device__ float weight_of(int pixel) const {
    return (low == pixel ? 1.0f - share : 0.0f) + (high == pixel ? share : 0.0f);
  }
};
__device__ int clamp(int v, int extent) { return v < 0 ? 0 : v < extent ? v : extent - 1; }

__device__ Taps taps(float source, int extent, Fill2d fill) {
  // Far outside nothing changes any more; the bound keeps the conversion to int defined.
  const float bound = static_cast<float>(extent) + 1.0f;
  const float s = source > -2.0f ? (source < bound ? source : bound) : -2.0f;
  const float floor = std::floor(s);
  const int low = static_cast<int>(floor);
  const Taps t{low, low + 1, s - floor};
  if (fill == Fill2d::zero) return t;
  return {clamp(low, extent), clamp(low + 1, extent), t.share};
}

struct SourceTaps {
  Taps h, w;
};
__device__ SourceTaps taps_at(const WarpShape& s, const Point& source) {
  return {taps(source.row, s.height, s.fill), taps(source.column, s.width, s.fill)};
}

template <class Sources>
__global__ void __launch_bounds__(threads)
    warp_kernel(WarpShape s, const float* x, Sources sources, float* y) {
  const Image image{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < image.size(); i += grid_stride()) {
    const Place at = image.place(i);
    const SourceTaps t = taps_at(s, sources.of(s, at.image).at(at.row, at.column));
    const auto value = [&](int h, int w) {
      const bool inside = h >= 0 && h < s.height && w >= 0 && w < s.width;
      return inside ? x[image.offset(at.image, h, w, at.channel)] : 0.0f;
    };
    const auto row = [&](int h) {
      return (1.0f - t.w.share) * value(h, t.w.low) + t.w.share * value(h, t.w.high);
    };
    y[i] = (1.0f - t.h.share) * row(t.h.low) + t.h.share * row(t.h.high);
  }
}

/// Source coordinates that reach pixel h: within one of it, and for the edges of `nearest` all
/// those beyond, as far as any output gets (`reach`).
__device__ Interval sources_of(int h, int extent, Fill2d fill, Interval reach) {
  Interval s{static_cast<float>(h) - 1.0f, static_cast<float>(h) + 1.0f};
  if (fill == Fill2d::nearest && h == 0 && reach.low < s.low) s.low = reach.low;
  if (fill == Fill2d::nearest && h == extent - 1 && reach.high > s.high) s.high = reach.high;
  return s;
}

struct Range {
  int begin, end;
};
/// Whole numbers of an interval, widened by what rounding may have cost, clipped to [0, extent).
__device__ Range whole(Interval i, int extent) {
  const float most = static_cast<float>(extent);
  const float slack = 1.0f + 1e-4f * (most + std::fabs(i.low) + std::fabs(i.high));
  const float low = std::floor(i.low - slack), high = std::ceil(i.high + slack) + 1.0f;
  // Written so that NaN gives the whole range.
  return {low > 0.0f ? static_cast<int>(low < most ? low : most) : 0,
          high < most ? static_cast<int>(high > 0.0f ? high : 0.0f) : extent};
}

struct Box {
  Range rows, columns;
};
/// A box of output pixels that holds every one that reads input pixel (h, w).
__device__ Box readers_of(const WarpShape& s, const Matrix& m, const Bounds& moved, int h, int w) {
  const Interval p{0.0f, static_cast<float>(s.height - 1)};
  const Interval q{0.0f, static_cast<float>(s.width - 1)};
  const Interval c{m.c, m.c}, f{m.f, m.f};
  const Interval row = sources_of(h, s.height, s.fill, p * m.a + q * m.b + c + moved.rows);
  const Interval column = sources_of(w, s.width, s.fill, p * m.d + q * m.e + f + moved.columns);
  const float determinant = m.a * m.e - m.b * m.d;
  if (!(std::fabs(determinant) > 1e-6f)) return {{0, s.height}, {0, s.width}};
  const float k = 1.0f / determinant;
  const Interval dr = row + (c + moved.rows) * -1.0f, dc = column + (f + moved.columns) * -1.0f;
  return {whole(dr * (m.e * k) + dc * (-m.b * k), s.height),
          whole(dr * (-m.d * k) + dc * (m.a * k), s.width)};
}

template <class Sources>
__global__ void __launch_bounds__(threads)
    warp_grad_kernel(WarpShape s, const float* gy, Sources sources, float* gx) {
  const Image image{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < image.size(); i += grid_stride()) {
    const Place at = image.place(i);
    const auto source = sources.of(s, at.image);
    const Box box = readers_of(s, source.m, source.bounds(), at.row, at.column);
    float sum = 0.0f;
    for (int p = box.rows.begin; p < box.rows.end; ++p)
      for (int q = box.columns.begin; q < box.columns.end; ++q) {
        const SourceTaps t = taps_at(s, source.at(p, q));
        const float weight = t.h.weight_of(at.row) * t.w.weight_of(at.column);
        if (weight != 0.0f) sum += weight * gy[image.offset(at.image, p, q, at.channel)];
      }
    gx[i] = sum;
  }
}

template <class Sources>
void warp(Stream& stream, const WarpShape& s, const float* x, const Sources& sources, float* y) {
  const std::int64_t n = Image{s.batch, s.height, s.width, s.channels}.size();
  if (n > 0)
    launch(stream, grid_for(n, threads, 1u << 16), threads, 0, warp_kernel<Sources>, s, x, sources,
           y);
}

template <class Sources>
void warp_grad(Stream& stream, const WarpShape& s, const float* gy, const Sources& sources,
               float* gx) {
  const std::int64_t n = Image{s.batch, s.height, s.width, s.channels}.size();
  if (n > 0)
    launch(stream, grid_for(n, threads, 1u << 16), threads, 0, warp_grad_kernel<Sources>, s, gy,
           sources, gx);
}

}  // namespace

void affine_warp(Stream& stream, const WarpShape& s, const float* x, const float* matrices,
                 float* y) {
  warp(stream, s, x, AffineSources{matrices}, y);
}

void affine_warp_grad(Stream& stream, const WarpShape& s, const float* gy, const float* matrices,
                      float* gx) {
  warp_grad(stream, s, gy, AffineSources{matrices}, gx);
}

void elastic_warp(Stream& stream, const WarpShape& s, const float* x, const float* matrices,
                  const float* controls, float* y) {
  warp(stream, s, x, ElasticSources{matrices, controls}, y);
}

void elastic_warp_grad(Stream& stream, const WarpShape& s, const float* gy, const float* matrices,
                       const float* controls, float* gx) {
  warp_grad(stream, s, gy, ElasticSources{matrices, controls}, gx);
}

}  // namespace ganymede::kernels::cuda
