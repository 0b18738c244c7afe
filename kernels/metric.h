#pragma once
// Measures of likeness between images that a training may use as a loss.

#include <array>
#include <cmath>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// Two batches of NHWC images, dense. Height and width are at least `window`.
struct SsimShape {
  static constexpr int window = 11;  ///< a side of the Gaussian window

  int batch = 1, height = window, width = window, channels = 1;
  float range = 1.0f;  ///< the images' largest value minus their least possible one

  constexpr int out_height() const { return height - window + 1; }
  constexpr int out_width() const { return width - window + 1; }
  /// Windows of one image, each channel counted.
  constexpr std::int64_t windows() const {
    return std::int64_t{out_height()} * out_width() * channels;
  }
  constexpr double c1() const { return 0.01 * range * 0.01 * range; }
  constexpr double c2() const { return 0.03 * range * 0.03 * range; }
};

/// One axis of the window: Gaussian of sigma 1.5, sum 1.
inline std::array<double, SsimShape::window> ssim_weights() {
  std::array<double, SsimShape::window> weights{};
  double sum = 0.0;
  for (int i = 0; i < SsimShape::window; ++i) {
    const double at = i - SsimShape::window / 2;
    sum += weights[static_cast<std::size_t>(i)] = std::exp(-at * at / (2.0 * 1.5 * 1.5));
  }
  for (double& w : weights) w /= sum;
  return weights;
}

/// y[n] = mean over all windows inside the image and over the channels of
///   (2 mx mz + c1) (2 cov + c2) / ((mx^2 + mz^2 + c1) (vx + vz + c2))
/// with the window's weighted means, variances and covariance (Wang et al. 2004).
using Ssim = void(Stream&, const SsimShape&, const float* x, const float* z, float* y);
/// Gradients of sum gy[n] y[n]; gx or gz may be null.
using SsimGrad = void(Stream&, const SsimShape&, const float* x, const float* z, const float* gy,
                      float* gx, float* gz);

namespace cpu {
Ssim ssim;
SsimGrad ssim_grad;
}  // namespace cpu
namespace cuda {
Ssim ssim;
SsimGrad ssim_grad;
}  // namespace cuda

inline constexpr Kernel<Ssim, cpu::ssim, cuda::ssim> ssim;
inline constexpr Kernel<SsimGrad, cpu::ssim_grad, cuda::ssim_grad> ssim_grad;

}  // namespace ganymede::kernels
