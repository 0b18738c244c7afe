#pragma once
// Where the pixels of a warped image come from: through an affine map, or through one and a
// spline's displacement.

#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

#include <ganymede/kernels/displacement.h>
#include <ganymede/kernels/resample.h>

namespace ganymede::kernels::cuda {

struct Matrix {
  float a, b, c, d, e, f;  ///< row = a p + b q + c, column = d p + e q + f
};
__device__ inline Matrix matrix_of(const float* matrices, std::int64_t image) {
  const float* m = matrices + 6 * image;
  return {m[0], m[1], m[2], m[3], m[4], m[5]};
}

struct Point {
  float row, column;
};
__device__ inline Point affine_point(const Matrix& m, int p, int q) {
  const float fp = static_cast<float>(p), fq = static_cast<float>(q);
  // Written out: left to itself the compiler contracts the forward's sums and the adjoint's in
  // different ways.
  return {fmaf(m.a, fp, fmaf(m.b, fq, m.c)), fmaf(m.d, fp, fmaf(m.e, fq, m.f))};
}

struct Interval {
  float low, high;
  __device__ Interval operator+(Interval o) const { return {low + o.low, high + o.high}; }
  __device__ Interval operator*(float k) const {
    return k >= 0.0f ? Interval{low * k, high * k} : Interval{high * k, low * k};
  }
  __device__ Interval with(float v) const { return {v < low ? v : low, v > high ? v : high}; }
};
/// How far D moves the source points of an image.
struct Bounds {
  Interval rows, columns;
};

/// The source points of one image: M (p, q, 1).
struct AffineSource {
  Matrix m;
  __device__ Point at(int p, int q) const { return affine_point(m, p, q); }
  __device__ Bounds bounds() const { return {{0.0f, 0.0f}, {0.0f, 0.0f}}; }
};
struct AffineSources {
  const float* matrices;
  __device__ AffineSource of(const WarpShape&, std::int64_t image) const {
    return {matrix_of(matrices, image)};
  }
};

/// The same, moved by the spline of the control points.
struct ElasticSource {
  Matrix m;
  const float* controls;
  int height, width, grid;
  __device__ Point at(int p, int q) const {
    const Point from = affine_point(m, p, q);
    const functor::Displacement d =
        functor::displacement(controls, grid, functor::spline_taps(p, height, grid),
                              functor::spline_taps(q, width, grid));
    return {from.row + d.row, from.column + d.column};
  }
  /// Those of the control points, since the spline is a mean of them; all there is where one of
  /// them is not finite.
  __device__ Bounds bounds() const {
    Bounds b{{controls[0], controls[0]}, {controls[1], controls[1]}};
    bool finite = true;
    for (int i = 0; i < grid * grid; ++i) {
      const float row = controls[2 * i], column = controls[2 * i + 1];
      b.rows = b.rows.with(row), b.columns = b.columns.with(column);
      finite = finite && row - row == 0.0f && column - column == 0.0f;
    }
    const float all = INFINITY;
    return finite ? b : Bounds{{-all, all}, {-all, all}};
  }
};
struct ElasticSources {
  const float *matrices, *controls;
  __device__ ElasticSource of(const WarpShape& s, std::int64_t image) const {
    return {matrix_of(matrices, image), controls + image * s.grid * s.grid * 2, s.height, s.width,
            s.grid};
  }
};

}  // namespace ganymede::kernels::cuda
