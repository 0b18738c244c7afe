// SSIM: a thread per window takes its 121 weighted pixels, as deviations from the window's centre,
// so that small variances keep their digits in float. The mean over an image's windows is a fold
// (fold.cuh) of the values as they arise; no map is stored. Backward: a thread per window stores
// its slopes, then a thread per pixel gathers those of the windows that cover it.
//   gx = sum over windows of w (mean_x + 2 variance (x - mx) + covariance (z - mz))

#include <ganymede/kernels/metric.h>
#include <ganymede/kernels/ssim_window.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int window = SsimShape::window;
constexpr unsigned threads = 256;

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

  /// Index of the first pixel of an image's window number r (row, column, channel).
  __device__ std::int64_t corner(std::int64_t image, std::int64_t r) const {
    const std::int64_t row = static_cast<std::int64_t>(s.out_width()) * s.channels;
    const std::int64_t p = r / row;
    return (image * s.height + p) * s.width * s.channels + (r - p * row);
  }
};

/// Weighted sums of the deviations a and b of x and z, and of their products.
struct Sums {
  float a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  __device__ void add(float w, float x, float z) {
    a += w * x, b += w * z;
    aa += w * (x * x), bb += w * (z * z), ab += w * (x * z);
  }
  __device__ void add(float w, const Sums& o) {
    a += w * o.a, b += w * o.b;
    aa += w * o.aa, bb += w * o.bb, ab += w * o.ab;
  }
};

__device__ SsimWindow<float> window_at(const SsimArgs& args, std::int64_t corner) {
  const std::int64_t pixel = args.s.channels, row = args.s.width * pixel;
  const std::int64_t centre = corner + window / 2 * (row + pixel);
  const float x0 = args.x[centre], z0 = args.z[centre];
  Sums all;
#pragma unroll
  for (int r = 0; r < window; ++r) {
    Sums line;
#pragma unroll
    for (int t = 0; t < window; ++t) {
      const std::int64_t at = corner + r * row + t * pixel;
      line.add(args.weight[t], args.x[at] - x0, args.z[at] - z0);
    }
    all.add(args.weight[r], line);
  }
  return {x0 + all.a, z0 + all.b, all.aa - all.a * all.a + (all.bb - all.b * all.b),
          all.ab - all.a * all.b};
}

struct SsimMean {
  using State = float;
  static constexpr int unroll = 1;
  SsimArgs args;
  float* y;
  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }
  __device__ void add(State& sum, std::int64_t, std::int64_t image, std::int64_t r) const {
    sum += window_at(args, args.corner(image, r)).value(args.c1, args.c2);
  }
  __device__ void finish(std::int64_t, std::int64_t image, State sum) const {
    y[image] = sum / static_cast<float>(args.s.windows());
  }
};

/// What a pixel needs of a window that covers it; 24 bytes.
struct Slopes {
  SsimSlopes<float> by;
  float mean_x, mean_z;
};

__global__ void __launch_bounds__(threads)
    ssim_slopes(SsimArgs args, const float* gy, Slopes* slopes) {
  const std::int64_t windows = args.s.windows();
  for (std::int64_t i = grid_first(); i < args.s.batch * windows; i += grid_stride()) {
    const std::int64_t image = i / windows;
    const SsimWindow<float> w = window_at(args, args.corner(image, i - image * windows));
    const float factor = gy[image] / static_cast<float>(windows);
    slopes[i] = {SsimSlopes<float>::of(w, args.c1, args.c2, factor), w.mean_x, w.mean_z};
  }
}

struct Gradient {
  float x, z;
};

/// Sum over the windows that cover pixel (row, column) of one channel.
__device__ Gradient gather(const SsimArgs& args, const Slopes* slopes, int row, int column, float x,
                           float z) {
  const int height = args.s.out_height(), width = args.s.out_width();
  Gradient g{0.0f, 0.0f};
#pragma unroll
  for (int r = 0; r < window; ++r) {
    const int p = row - r;
    if (p < 0 || p >= height) continue;
#pragma unroll
    for (int t = 0; t < window; ++t) {
      const int q = column - t;
      if (q < 0 || q >= width) continue;
      const Slopes s = slopes[(static_cast<std::int64_t>(p) * width + q) * args.s.channels];
      const float w = args.weight[r] * args.weight[t], dx = x - s.mean_x, dz = z - s.mean_z;
      g.x += w * (s.by.mean_x + 2.0f * s.by.variance * dx + s.by.covariance * dz);
      g.z += w * (s.by.mean_z + 2.0f * s.by.variance * dz + s.by.covariance * dx);
    }
  }
  return g;
}

__global__ void __launch_bounds__(threads)
    ssim_gather(SsimArgs args, const Slopes* slopes, float* gx, float* gz) {
  const std::int64_t row = static_cast<std::int64_t>(args.s.width) * args.s.channels;
  const std::int64_t size = args.s.height * row;
  for (std::int64_t i = grid_first(); i < args.s.batch * size; i += grid_stride()) {
    const std::int64_t image = i / size, in_image = i - image * size;
    const int r = static_cast<int>(in_image / row), in_row = static_cast<int>(in_image - r * row);
    const int column = in_row / args.s.channels, channel = in_row - column * args.s.channels;
    const Gradient g =
        gather(args, slopes + image * args.s.windows() + channel, r, column, args.x[i], args.z[i]);
    if (gx) gx[i] = g.x;
    if (gz) gz[i] = g.z;
  }
}

}  // namespace

void ssim(Stream& stream, const SsimShape& s, const float* x, const float* z, float* y) {
  fold(stream, {1, s.batch, s.windows(), FoldLayout::rows}, SsimMean{{s, x, z}, y});
}

void ssim_grad(Stream& stream, const SsimShape& s, const float* x, const float* z, const float* gy,
               float* gx, float* gz) {
  if (!gx && !gz) return;
  const SsimArgs args(s, x, z);
  const std::int64_t windows = s.batch * s.windows();
  const Block block = allocate(stream, sizeof(Slopes) * static_cast<std::size_t>(windows));
  auto* slopes = static_cast<Slopes*>(block.data());
  launch(stream, grid_for(windows, threads, 1u << 16), threads, 0, ssim_slopes, args, gy, slopes);
  const std::int64_t pixels = std::int64_t{s.batch} * s.height * s.width * s.channels;
  launch(stream, grid_for(pixels, threads, 1u << 16), threads, 0, ssim_gather, args, slopes, gx,
         gz);
}

}  // namespace ganymede::kernels::cuda
