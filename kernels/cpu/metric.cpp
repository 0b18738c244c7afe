// SSIM in double, the window's two axes one after the other. Rows stream through rings of 11, so
// that the scratch of a thread grows with the width alone; threads share the images.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/metric.h>
#include <ganymede/kernels/ssim_window.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

constexpr int window = SsimShape::window;
constexpr int moments = 5;     // x, z, x^2, z^2, x z
constexpr int slope_maps = 4;  // constant of x, constant of z, variance, covariance

using Weights = std::array<double, window>;

struct Images {
  const float *x, *z;
};

/// Values of a row of the image and of a row of windows.
std::int64_t row_of(const SsimShape& s) { return std::int64_t{s.width} * s.channels; }
std::int64_t out_row_of(const SsimShape& s) { return std::int64_t{s.out_width()} * s.channels; }

/// The moments of one image row along the row: to[m][i].
void filter_row(const SsimShape& s, const Weights& weights, const Images& row, double* to) {
  const std::int64_t n = out_row_of(s);
  double *x = to, *z = x + n, *xx = z + n, *zz = xx + n, *xz = zz + n;
  std::fill_n(to, moments * n, 0.0);
  for (int t = 0; t < window; ++t) {
    const double w = weights[static_cast<std::size_t>(t)];
    const float *from_x = row.x + t * s.channels, *from_z = row.z + t * s.channels;
    for (std::int64_t i = 0; i < n; ++i) {
      const double a = double{from_x[i]}, b = double{from_z[i]};
      x[i] += w * a, z[i] += w * b;
      xx[i] += w * (a * a), zz[i] += w * (b * b), xz[i] += w * (a * b);
    }
  }
}

/// Scratch of for_window_rows, in doubles: the ring, and a row of sums.
std::int64_t moment_scratch(const SsimShape& s) { return (window + 1) * moments * out_row_of(s); }

/// Calls body(p, i, window) for the windows of one image, row by row.
template <class Body>
void for_windows(const SsimShape& s, const Weights& weights, const Images& image, double* scratch,
                 const Body& body) {
  const std::int64_t n = out_row_of(s), size = moments * n;
  double* sums = scratch + window * size;
  for (int r = 0; r < s.height; ++r) {
    const std::int64_t at = r * row_of(s);
    filter_row(s, weights, {image.x + at, image.z + at}, scratch + r % window * size);
    const int p = r - window + 1;
    if (p < 0) continue;
    std::fill_n(sums, size, 0.0);
    for (int t = 0; t < window; ++t) {
      const double w = weights[static_cast<std::size_t>(t)];
      const double* from = scratch + (p + t) % window * size;
      for (std::int64_t i = 0; i < size; ++i) sums[i] += w * from[i];
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const double x = sums[i], z = sums[n + i];
      body(p, i,
           SsimWindow<double>{x, z, sums[2 * n + i] - x * x + (sums[3 * n + i] - z * z),
                              sums[4 * n + i] - x * z});
    }
  }
}

/// Adds a row of windows' slopes, n of them in each map, to the pixels they cover along the row.
void spread_row(const SsimShape& s, const Weights& weights, const double* slopes, double* to) {
  const std::int64_t n = out_row_of(s), full = row_of(s);
  std::fill_n(to, slope_maps * full, 0.0);
  for (int m = 0; m < slope_maps; ++m)
    for (int t = 0; t < window; ++t) {
      const double w = weights[static_cast<std::size_t>(t)];
      double* out = to + m * full + t * s.channels;
      for (std::int64_t i = 0; i < n; ++i) out[i] += w * slopes[m * n + i];
    }
}

/// Gradients of one image. A pixel's row is complete when the windows that begin in it are done.
struct GradientRows {
  const SsimShape& s;
  const Weights& weights;
  Images image;
  float *gx, *gz;
  double *ring, *spread;

  static std::int64_t scratch(const SsimShape& s) { return (window + 1) * slope_maps * row_of(s); }
  GradientRows(const SsimShape& shape, const Weights& w, const Images& from, float* to_x,
               float* to_z, double* at)
      : s(shape), weights(w), image(from), gx(to_x), gz(to_z), ring(at) {
    const std::int64_t size = slope_maps * row_of(s);
    spread = ring + window * size;
    std::fill_n(ring, window * size, 0.0);
  }

  void add(int p, const double* slopes) {
    spread_row(s, weights, slopes, spread);
    const std::int64_t size = slope_maps * row_of(s);
    for (int t = 0; t < window; ++t) {
      double* to = ring + (p + t) % window * size;
      for (std::int64_t i = 0; i < size; ++i)
        to[i] += weights[static_cast<std::size_t>(t)] * spread[i];
    }
    finish(p);
    if (p + 1 == s.out_height())
      for (int row = p + 1; row < s.height; ++row) finish(row);
  }

  void finish(int row) {
    const std::int64_t n = row_of(s), at = row * n;
    double* sums = ring + row % window * slope_maps * n;
    const double *of_x = sums, *of_z = of_x + n, *variance = of_z + n, *covariance = variance + n;
    for (std::int64_t i = 0; i < n; ++i) {
      const double x = double{image.x[at + i]}, z = double{image.z[at + i]};
      if (gx) gx[at + i] = static_cast<float>(of_x[i] + 2 * variance[i] * x + covariance[i] * z);
      if (gz) gz[at + i] = static_cast<float>(of_z[i] + 2 * variance[i] * z + covariance[i] * x);
    }
    std::fill_n(sums, slope_maps * n, 0.0);
  }
};

void image_grad(const SsimShape& s, const Weights& weights, const Images& image, double gy,
                float* gx, float* gz, double* scratch) {
  const std::int64_t n = out_row_of(s);
  double* slopes = scratch + moment_scratch(s);
  GradientRows rows(s, weights, image, gx, gz, slopes + slope_maps * n);
  const double factor = gy / double(s.windows());
  for_windows(s, weights, image, scratch, [&](int p, std::int64_t i, const SsimWindow<double>& w) {
    const auto d = SsimSlopes<double>::of(w, s.c1(), s.c2(), factor);
    slopes[i] = d.mean_x - 2 * d.variance * w.mean_x - d.covariance * w.mean_z;
    slopes[n + i] = d.mean_z - 2 * d.variance * w.mean_z - d.covariance * w.mean_x;
    slopes[2 * n + i] = d.variance;
    slopes[3 * n + i] = d.covariance;
    if (i == n - 1) rows.add(p, slopes);
  });
}

/// Calls body(image number, scratch) for each image of the batch, in parallel.
template <class Body>
void for_images(Stream& stream, const SsimShape& s, std::int64_t scratch, const Body& body) {
  const int parts = parts_of(s.batch, 1);
  const Block block = allocate(stream, static_cast<std::size_t>(parts * scratch) * sizeof(double));
  parallel_parts(parts, [&](int part) {
    const Range range = part_of(s.batch, part, parts);
    for (std::int64_t i = range.begin; i < range.end; ++i)
      body(i, static_cast<double*>(block.data()) + part * scratch);
  });
}

}  // namespace

void ssim(Stream& stream, const SsimShape& s, const float* x, const float* z, float* y) {
  const Weights weights = ssim_weights();
  const std::int64_t size = s.height * row_of(s);
  for_images(stream, s, moment_scratch(s), [&](std::int64_t image, double* scratch) {
    double sum = 0.0;
    for_windows(
        s, weights, {x + image * size, z + image * size}, scratch,
        [&](int, std::int64_t, const SsimWindow<double>& w) { sum += w.value(s.c1(), s.c2()); });
    y[image] = static_cast<float>(sum / double(s.windows()));
  });
}

void ssim_grad(Stream& stream, const SsimShape& s, const float* x, const float* z, const float* gy,
               float* gx, float* gz) {
  const Weights weights = ssim_weights();
  const std::int64_t size = s.height * row_of(s);
  const std::int64_t scratch =
      moment_scratch(s) + slope_maps * out_row_of(s) + GradientRows::scratch(s);
  for_images(stream, s, scratch, [&](std::int64_t image, double* own) {
    const std::int64_t at = image * size;
    image_grad(s, weights, {x + at, z + at}, double{gy[image]}, gx ? gx + at : nullptr,
               gz ? gz + at : nullptr, own);
  });
}

}  // namespace ganymede::kernels::cpu
