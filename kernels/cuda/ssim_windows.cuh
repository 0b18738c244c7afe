#pragma once
// The windows of a tile (ssim_tile.cuh) from the images. Sums are taken of deviations from a pixel
// that the window covers near its centre, so that small variances keep their digits in float: along
// a row around a pixel of that row, down the columns around one of the pair's middle row.

#include <ganymede/kernels/cuda/ssim_tile.cuh>

namespace ganymede::kernels::cuda::ssim_detail {

struct SsimArgs {
  SsimShape s;
  float c1, c2;
  float weight[window];
  const float *x, *z;

  SsimArgs(const SsimShape& shape, const float* x_, const float* z_)
      : s(shape),
        c1(static_cast<float>(shape.c1())),
        c2(static_cast<float>(shape.c2())),
        weight{},
        x(x_),
        z(z_) {
    const auto weights = ssim_weights();
    for (int i = 0; i < window; ++i)
      weight[i] = static_cast<float>(weights[static_cast<std::size_t>(i)]);
  }

  /// Place in a batch of images of a channel's first pixel.
  __device__ std::int64_t first_pixel(const Tile& tile) const {
    return static_cast<std::int64_t>(tile.image) * s.height * s.width * s.channels + tile.channel;
  }
  __device__ Matrix pixels() const {
    return {s.height, s.width, static_cast<std::int64_t>(s.width) * s.channels, s.channels};
  }
  /// The same of the slopes, where each channel has a map of its own.
  __device__ std::int64_t first_window(const Tile& tile) const {
    return (static_cast<std::int64_t>(tile.image) * s.channels + tile.channel) * s.out_height() *
           s.out_width();
  }
  __device__ Matrix windows() const { return {s.out_height(), s.out_width(), s.out_width(), 1}; }
};

struct WindowsShared {
  Staged x, z;
  /// Along a row: means of the deviations a of x and b of z from the run's pixel, both variances
  /// together, and the covariance.
  Lines a, b, variances, covariance;
  BlockScratch<float> scratch;
};

/// Weighted sums of deviations, of their squares (of x and z together) and of their products.
struct Sums {
  float a = 0, b = 0, squares = 0, products = 0;
  __device__ void add(float w, float x, float z, float square, float product) {
    a += w * x, b += w * z, squares += w * square, products += w * product;
  }
  __device__ float variances() const { return squares - a * a - b * b; }
  __device__ float covariance() const { return products - a * b; }
};

__device__ inline void sum_windows_rows(const SsimArgs& args, int rows, WindowsShared& shared) {
  for (int i = thread_rank(); i < rows * runs; i += threads) {
    const int row = i / runs, first = i % runs * run;
    float x[run_reach], z[run_reach];
    load_run(shared.x, row, first, x);
    load_run(shared.z, row, first, z);
    Sums sums[run];
#pragma unroll
    for (int c = 0; c < run + window - 1; ++c) {
      const float a = x[c] - x[midst], b = z[c] - z[midst];
      const float square = a * a + b * b, product = a * b;
#pragma unroll
      for (int k = 0; k < run; ++k)
        if (c >= k && c - k < window) sums[k].add(args.weight[c - k], a, b, square, product);
    }
    float a[run], b[run], variances[run], covariance[run];
#pragma unroll
    for (int k = 0; k < run; ++k) {
      a[k] = sums[k].a, b[k] = sums[k].b;
      variances[k] = sums[k].variances(), covariance[k] = sums[k].covariance();
    }
    store_run(shared.a, row, first, a);
    store_run(shared.b, row, first, b);
    store_run(shared.variances, row, first, variances);
    store_run(shared.covariance, row, first, covariance);
  }
}

/// Calls body(row, column, window) for this thread's windows of the tile, given their rows' sums.
template <class Body>
__device__ void sum_windows_columns(const SsimArgs& args, const Tile& tile,
                                    const WindowsShared& shared, const Body& body) {
  const int column = thread_rank() % tile_columns, first = thread_rank() / tile_columns * pair;
  if (tile.row + first >= args.s.out_height() || tile.column + column >= args.s.out_width()) return;
  const int middle = column / run * run + midst;
  const float x0 = shared.x.at[first + window / 2][middle];
  const float z0 = shared.z.at[first + window / 2][middle];
  Sums sums[pair];
#pragma unroll
  for (int r = 0; r < pair + window - 1; ++r) {
    const int row = first + r;
    const float a = shared.x.at[row][middle] - x0 + shared.a.at[row][column];
    const float b = shared.z.at[row][middle] - z0 + shared.b.at[row][column];
    const float square = shared.variances.at[row][column] + a * a + b * b;
    const float product = shared.covariance.at[row][column] + a * b;
#pragma unroll
    for (int k = 0; k < pair; ++k)
      if (r >= k && r - k < window) sums[k].add(args.weight[r - k], a, b, square, product);
  }
#pragma unroll
  for (int k = 0; k < pair; ++k)
    if (tile.row + first + k < args.s.out_height())
      body(tile.row + first + k, tile.column + column,
           SsimWindow<float>{x0 + sums[k].a, z0 + sums[k].b, sums[k].variances(),
                             sums[k].covariance()});
}

/// As above, from the images; the block's threads all call.
template <class Body>
__device__ void for_windows(const SsimArgs& args, const Tile& tile, WindowsShared& shared,
                            const Body& body) {
  const std::int64_t first = args.first_pixel(tile);
  const float *x = args.x + first, *z = args.z + first;
  stage(
      args.pixels(), tile.row, tile.column,
      [=](std::int64_t at) { return make_float2(x[at], z[at]); },
      [&](int r, int c, float2 pixel) {
        shared.x.at[r][c] = pixel.x, shared.z.at[r][c] = pixel.y;
      });
  __syncthreads();
  sum_windows_rows(args, min(staged_rows, args.s.height - tile.row), shared);
  __syncthreads();
  sum_windows_columns(args, tile, shared, body);
}

}  // namespace ganymede::kernels::cuda::ssim_detail
