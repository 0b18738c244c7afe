// Bilinear reads and their adjoint writes: resize, affine and elastic warp. Both visit the same
// four corners with the same weights, so each adjoint is exact.

#include <ganymede/kernels/cpu/channel_blocks.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/displacement.h>
#include <ganymede/kernels/resample.h>

#include <cmath>

namespace ganymede::kernels::cpu {
namespace {

// Four pixels (row * width + column) of an image and their weights; -1 where there is none.
struct Corners {
  std::int64_t pixel[4];
  float weight[4];
};

// Two neighbours along an axis and the share of the second.
struct Between {
  int low, high;
  float share;
};

Between half_pixel(int p, int in, int out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  const float at = std::fmax((static_cast<float>(p) + 0.5f) * scale - 0.5f, 0.0f);
  const int low = std::min(static_cast<int>(at), in - 1);
  return {low, std::min(low + 1, in - 1), at - static_cast<float>(low)};
}

Corners corners_of(const Between& row, const Between& column, int width) {
  const auto pixel = [&](int i, int j) { return std::int64_t{i} * width + j; };
  return {{pixel(row.low, column.low), pixel(row.low, column.high), pixel(row.high, column.low),
           pixel(row.high, column.high)},
          {(1.0f - row.share) * (1.0f - column.share), (1.0f - row.share) * column.share,
           row.share * (1.0f - column.share), row.share * column.share}};
}

// A coordinate brought near the image, so that it converts to int; what is not a number goes low.
float near(float at, float low, float high) { return !(at > low) ? low : (at < high ? at : high); }

// A source point in pixels.
struct Point {
  float row, column;
};

Point affine_point(const float* m, int p, int q) {
  const auto fp = static_cast<float>(p), fq = static_cast<float>(q);
  return {m[0] * fp + m[1] * fq + m[2], m[3] * fp + m[4] * fq + m[5]};
}

Corners warp_corners(const WarpShape& s, const Point& source) {
  const float margin = s.fill == Fill2d::nearest ? 0.0f : 2.0f;
  const auto axis = [&](float coordinate, int extent) {
    const float at = near(coordinate, -margin, static_cast<float>(extent - 1) + margin);
    const float low = std::floor(at);
    return Between{static_cast<int>(low), static_cast<int>(low) + 1, at - low};
  };
  const Between row = axis(source.row, s.height), column = axis(source.column, s.width);
  Corners c = corners_of(row, column, s.width);
  const int rows[] = {row.low, row.low, row.high, row.high};
  const int columns[] = {column.low, column.high, column.low, column.high};
  for (int k = 0; k < 4; ++k) {
    const bool outside =
        rows[k] < 0 || rows[k] >= s.height || columns[k] < 0 || columns[k] >= s.width;
    // Clamped coordinates step outside only with weight 0.
    if (outside) c.pixel[k] = -1;
  }
  return c;
}

void read_corners(const Corners& corners, int channels, const float* x, float* y) {
  std::fill_n(y, channels, 0.0f);
  for (int k = 0; k < 4; ++k) {
    if (corners.pixel[k] < 0) continue;
    const float* from = x + corners.pixel[k] * channels;
    const float weight = corners.weight[k];
#pragma omp simd
    for (int c = 0; c < channels; ++c) y[c] += weight * from[c];
  }
}

// y[n, p, q, :] from corners(n, p, q) of x[n].
template <class CornersOf>
void read_image(int batch, std::int64_t in_pixels, int out_height, int out_width, int channels,
                const float* x, float* y, const CornersOf& corners) {
  parallel_for(std::int64_t{batch} * out_height, row_grain(8 * std::int64_t{out_width} * channels),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t row = begin; row < end; ++row) {
                   const std::int64_t n = row / out_height;
                   for (int q = 0; q < out_width; ++q)
                     read_corners(corners(n, static_cast<int>(row % out_height), q), channels,
                                  x + n * in_pixels * channels,
                                  y + (row * out_width + q) * channels);
                 }
               });
}

// The adjoint: contributions are added pixel after pixel.
template <class CornersOf>
void write_image(int batch, std::int64_t in_pixels, int out_height, int out_width, int channels,
                 const float* gy, float* gx, const CornersOf& corners) {
  const std::int64_t out_pixels = std::int64_t{out_height} * out_width;
  for_channel_blocks(batch, channels, 4 * out_pixels, [&](std::int64_t n, int first, int last) {
    float* to = gx + n * in_pixels * channels;
    clear_channels(to, in_pixels, channels, first, last);
    for (std::int64_t pixel = 0; pixel < out_pixels; ++pixel) {
      const Corners at =
          corners(n, static_cast<int>(pixel / out_width), static_cast<int>(pixel % out_width));
      const float* from = gy + (n * out_pixels + pixel) * channels;
      for (int k = 0; k < 4; ++k) {
        if (at.pixel[k] < 0) continue;
        for (int c = first; c < last; ++c) to[at.pixel[k] * channels + c] += at.weight[k] * from[c];
      }
    }
  });
}

auto resize_corners(const ResizeShape& s) {
  return [&s](std::int64_t, int p, int q) {
    return corners_of(half_pixel(p, s.height, s.out_height), half_pixel(q, s.width, s.out_width),
                      s.width);
  };
}

auto affine_corners(const WarpShape& s, const float* matrices) {
  return [&s, matrices](std::int64_t n, int p, int q) {
    return warp_corners(s, affine_point(matrices + 6 * n, p, q));
  };
}

auto elastic_corners(const WarpShape& s, const float* matrices, const float* controls) {
  return [&s, matrices, controls](std::int64_t n, int p, int q) {
    const functor::Displacement d = functor::displacement(
        controls + n * s.grid * s.grid * 2, s.grid, functor::spline_taps(p, s.height, s.grid),
        functor::spline_taps(q, s.width, s.grid));
    const Point at = affine_point(matrices + 6 * n, p, q);
    return warp_corners(s, {at.row + d.row, at.column + d.column});
  };
}

}  // namespace

void resize_bilinear(Stream&, const ResizeShape& s, const float* x, float* y) {
  read_image(s.batch, std::int64_t{s.height} * s.width, s.out_height, s.out_width, s.channels, x, y,
             resize_corners(s));
}

void resize_bilinear_grad(Stream&, const ResizeShape& s, const float* gy, float* gx) {
  write_image(s.batch, std::int64_t{s.height} * s.width, s.out_height, s.out_width, s.channels, gy,
              gx, resize_corners(s));
}

void affine_warp(Stream&, const WarpShape& s, const float* x, const float* matrices, float* y) {
  read_image(s.batch, std::int64_t{s.height} * s.width, s.height, s.width, s.channels, x, y,
             affine_corners(s, matrices));
}

void affine_warp_grad(Stream&, const WarpShape& s, const float* gy, const float* matrices,
                      float* gx) {
  write_image(s.batch, std::int64_t{s.height} * s.width, s.height, s.width, s.channels, gy, gx,
              affine_corners(s, matrices));
}

void elastic_warp(Stream&, const WarpShape& s, const float* x, const float* matrices,
                  const float* controls, float* y) {
  read_image(s.batch, std::int64_t{s.height} * s.width, s.height, s.width, s.channels, x, y,
             elastic_corners(s, matrices, controls));
}

void elastic_warp_grad(Stream&, const WarpShape& s, const float* gy, const float* matrices,
                       const float* controls, float* gx) {
  write_image(s.batch, std::int64_t{s.height} * s.width, s.height, s.width, s.channels, gy, gx,
              elastic_corners(s, matrices, controls));
}

}  // namespace ganymede::kernels::cpu
