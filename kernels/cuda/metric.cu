// SSIM: a block per tile of windows (ssim_tile.cuh, ssim_windows.cuh). The mean over an image's
// windows is the sum of its tiles' sums, by a fold; no map is stored. Backward: the same tiles
// store the windows' slopes; then a block per tile of pixels gathers those of the windows that
// cover it, along the rows first, too.
//   gx = sum over windows of w (mean_x + 2 variance (x - mx) + covariance (z - mz))
// Along a row the sums are for a pixel that equals the means of one window near by, with their
// growth by x and z: deviations from there are small where the images are flat.

#include <ganymede/kernels/cuda/fold.cuh>
#include <ganymede/kernels/cuda/ssim_windows.cuh>

namespace ganymede::kernels::cuda {
namespace {

using namespace ssim_detail;

__global__ void __launch_bounds__(threads) ssim_tiles(SsimArgs args, Tiles tiles, float* sums) {
  WindowsShared& shared = shared_memory<WindowsShared>();
  const Tile tile = tiles.tile(static_cast<int>(blockIdx.x));
  float sum = 0.0f;
  for_windows(args, tile, shared,
              [&](int, int, const SsimWindow<float>& w) { sum += w.value(args.c1, args.c2); });
  sum = block_sum(sum, shared.scratch);
  if (thread_rank() == 0) sums[blockIdx.x] = sum;
}

struct SsimMean {
  using State = float;
  static constexpr int unroll = 4;
  const float* sums;
  std::int64_t tiles;
  float windows;
  float* y;
  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }
  __device__ void add(State& sum, std::int64_t, std::int64_t image, std::int64_t tile) const {
    sum += sums[image * tiles + tile];
  }
  __device__ void finish(std::int64_t, std::int64_t image, State sum) const {
    y[image] = sum / windows;
  }
};

// ---- gradients --------------------------------------------------------------------------------

/// What a pixel needs of a window that covers it.
enum Plane { by_mean_x, by_mean_z, by_variance, by_covariance, mean_x, mean_z, planes };
struct Slope {
  float of[planes];  ///< the slope by the variance twice
};

/// Slopes of all windows, as vectors, so that neighbours read neighbouring addresses.
struct Slopes {
  float4* by;
  float2* means;

  static constexpr std::size_t bytes = sizeof(float4) + sizeof(float2);  ///< of a window
  __device__ Slopes from(std::int64_t at) const { return {by + at, means + at}; }
  __device__ Slope load(std::int64_t at) const {
    const float4 b = by[at];
    const float2 m = means[at];
    return {{b.x, b.y, b.z, b.w, m.x, m.y}};
  }
};

__global__ void __launch_bounds__(threads)
    ssim_slopes(SsimArgs args, Tiles tiles, const float* gy, Slopes slopes) {
  WindowsShared& shared = shared_memory<WindowsShared>();
  const Tile tile = tiles.tile(static_cast<int>(blockIdx.x));
  const float factor = gy[tile.image] / static_cast<float>(args.s.windows());
  const Slopes map = slopes.from(args.first_window(tile));
  for_windows(args, tile, shared, [&](int row, int column, const SsimWindow<float>& w) {
    const auto by = SsimSlopes<float>::of(w, args.c1, args.c2, factor);
    const std::int64_t at = args.windows().place(row, column);
    map.by[at] = make_float4(by.mean_x, by.mean_z, 2.0f * by.variance, by.covariance);
    map.means[at] = make_float2(w.mean_x, w.mean_z);
  });
}

/// Weighted sums over windows of the gradients by x and z of a pixel that has the reference's
/// values, and of how they grow with the pixel's distance from it.
struct Gradient {
  float x = 0, z = 0, variance = 0, covariance = 0;
  __device__ void add(float w, float by_x, float by_z, float by_both, float by_other) {
    x += w * by_x, z += w * by_z, variance += w * by_both, covariance += w * by_other;
  }
};

struct GatherShared {
  Staged slopes[planes];
  Lines x, z, variance, covariance;
};

/// Column of the staged window whose means are the reference of a run of pixels: it covers all
/// four.
__device__ int reference_column(const SsimArgs& args, const Tile& tile, int first) {
  const int before = tile.column - (window - 1);  // the staged windows' first
  return min(max(first + midst, -before), args.s.out_width() - 1 - before);
}

__device__ void gather_rows(const SsimArgs& args, const Tile& tile, GatherShared& shared) {
  for (int i = thread_rank(); i < staged_rows * runs; i += threads) {
    const int row = i / runs, first = i % runs * run;
    if (tile.column + first >= args.s.width) continue;
    const int reference = reference_column(args, tile, first);
    const float x0 = shared.slopes[mean_x].at[row][reference];
    const float z0 = shared.slopes[mean_z].at[row][reference];
    Gradient sums[run];
#pragma unroll
    for (int part = 0; part < run_reach; part += 4) {
      float v[planes][4];
#pragma unroll
      for (int p = 0; p < planes; ++p) {
        const float4 four = load4(&shared.slopes[p].at[row][first + part]);
        v[p][0] = four.x, v[p][1] = four.y, v[p][2] = four.z, v[p][3] = four.w;
      }
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float dx = x0 - v[mean_x][j], dz = z0 - v[mean_z][j];
        const float both = v[by_variance][j], other = v[by_covariance][j];
        const float by_x = v[by_mean_x][j] + both * dx + other * dz;
        const float by_z = v[by_mean_z][j] + both * dz + other * dx;
#pragma unroll
        for (int k = 0; k < run; ++k) {
          const int t = k + window - 1 - (part + j);  // the pixel's place in that window
          if (t >= 0 && t < window) sums[k].add(args.weight[t], by_x, by_z, both, other);
        }
      }
    }
    store4(&shared.x.at[row][first], make_float4(sums[0].x, sums[1].x, sums[2].x, sums[3].x));
    store4(&shared.z.at[row][first], make_float4(sums[0].z, sums[1].z, sums[2].z, sums[3].z));
    store4(&shared.variance.at[row][first],
           make_float4(sums[0].variance, sums[1].variance, sums[2].variance, sums[3].variance));
    store4(&shared.covariance.at[row][first], make_float4(sums[0].covariance, sums[1].covariance,
                                                          sums[2].covariance, sums[3].covariance));
  }
}

/// This thread's pixels of the tile, given the sums of the rows of windows.
__device__ void gather_columns(const SsimArgs& args, const Tile& tile, const GatherShared& shared,
                               std::int64_t channel_at, float* gx, float* gz) {
  const int column = thread_rank() % tile_columns, first = thread_rank() / tile_columns * pair;
  const Matrix pixels = args.pixels();
  if (tile.row + first >= pixels.rows || tile.column + column >= pixels.columns) return;
  const int reference = reference_column(args, tile, column / run * run);
  const std::int64_t at = channel_at + pixels.place(tile.row + first, tile.column + column);
  const bool second = tile.row + first + 1 < pixels.rows;
  float x[pair] = {args.x[at]}, z[pair] = {args.z[at]};
  if (second) x[1] = args.x[at + pixels.row_stride], z[1] = args.z[at + pixels.row_stride];
  float sum_x[pair]{}, sum_z[pair]{};
#pragma unroll
  for (int r = 0; r < pair + window - 1; ++r) {
    const int row = first + r;
    const float x0 = shared.slopes[mean_x].at[row][reference];
    const float z0 = shared.slopes[mean_z].at[row][reference];
    const float by_x = shared.x.at[row][column], by_z = shared.z.at[row][column];
    const float both = shared.variance.at[row][column], other = shared.covariance.at[row][column];
#pragma unroll
    for (int k = 0; k < pair; ++k) {
      const int t = k + window - 1 - r;
      if (t < 0 || t >= window) continue;
      const float dx = x[k] - x0, dz = z[k] - z0, w = args.weight[t];
      sum_x[k] += w * (by_x + both * dx + other * dz);
      sum_z[k] += w * (by_z + both * dz + other * dx);
    }
  }
#pragma unroll
  for (int k = 0; k < pair; ++k) {
    if (k > 0 && !second) break;
    if (gx) gx[at + k * pixels.row_stride] = sum_x[k];
    if (gz) gz[at + k * pixels.row_stride] = sum_z[k];
  }
}

__global__ void __launch_bounds__(threads)
    ssim_gather(SsimArgs args, Tiles tiles, Slopes slopes, float* gx, float* gz) {
  GatherShared& shared = shared_memory<GatherShared>();
  const Tile tile = tiles.tile(static_cast<int>(blockIdx.x));
  const Slopes map = slopes.from(args.first_window(tile));
  stage(
      args.windows(), tile.row - (window - 1), tile.column - (window - 1),
      [=](std::int64_t at) { return map.load(at); },
      [&](int r, int c, const Slope& slope) {
#pragma unroll
        for (int plane = 0; plane < planes; ++plane)
          shared.slopes[plane].at[r][c] = slope.of[plane];
      });
  __syncthreads();
  gather_rows(args, tile, shared);
  __syncthreads();
  gather_columns(args, tile, shared, args.first_pixel(tile), gx, gz);
}

}  // namespace

void ssim(Stream& stream, const SsimShape& s, const float* x, const float* z, float* y) {
  const Tiles tiles(s.batch, s.out_height(), s.out_width(), s.channels);
  const Block block = allocate(stream, sizeof(float) * static_cast<std::size_t>(tiles.count));
  auto* sums = static_cast<float*>(block.data());
  launch(stream, tiles.count, threads, sizeof(WindowsShared), ssim_tiles, SsimArgs(s, x, z), tiles,
         sums);
  fold(stream, {1, s.batch, tiles.per_image.value(), FoldLayout::rows},
       SsimMean{sums, tiles.per_image.value(), static_cast<float>(s.windows()), y});
}

void ssim_grad(Stream& stream, const SsimShape& s, const float* x, const float* z, const float* gy,
               float* gx, float* gz) {
  if (!gx && !gz) return;
  const SsimArgs args(s, x, z);
  const std::int64_t windows = s.batch * s.windows();
  const Block block = allocate(stream, Slopes::bytes * static_cast<std::size_t>(windows));
  auto* by = static_cast<float4*>(block.data());
  const Slopes slopes{by, reinterpret_cast<float2*>(by + windows)};
  const Tiles of_windows(s.batch, s.out_height(), s.out_width(), s.channels);
  launch(stream, of_windows.count, threads, sizeof(WindowsShared), ssim_slopes, args, of_windows,
         gy, slopes);
  const Tiles of_pixels(s.batch, s.height, s.width, s.channels);
  launch(stream, of_pixels.count, threads, sizeof(GatherShared), ssim_gather, args, of_pixels,
         slopes, gx, gz);
}

}  // namespace ganymede::kernels::cuda
