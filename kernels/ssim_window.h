#pragma once
// The similarity of one window from its moments, and its derivatives: the same formula on every
// device, in double on the CPU and in float on CUDA.

#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

template <class T>
struct SsimWindow {
  T mean_x, mean_z;
  T variances;  ///< of x and z together
  T covariance;

  GANYMEDE_HD T mean_norm(T c1) const { return mean_x * mean_x + mean_z * mean_z + c1; }
  GANYMEDE_HD T luminance(T c1) const { return (2 * mean_x * mean_z + c1) / mean_norm(c1); }
  GANYMEDE_HD T structure(T c2) const { return (2 * covariance + c2) / (variances + c2); }
  GANYMEDE_HD T value(T c1, T c2) const { return luminance(c1) * structure(c2); }
};

/// Derivatives by the moments. By pixel x of weight w the derivative is
///   w (mean_x + 2 variance (x - window's mean of x) + covariance (z - window's mean of z)),
/// since the deviations' own means have no part in it; by z the other way round.
template <class T>
struct SsimSlopes {
  T mean_x, mean_z;
  T variance;  ///< by either variance
  T covariance;

  GANYMEDE_HD static SsimSlopes of(const SsimWindow<T>& w, T c1, T c2, T factor) {
    const T luminance = w.luminance(c1), structure = w.structure(c2);
    const T of_means = 2 * factor * structure / w.mean_norm(c1);
    const T of_spread = factor * luminance / (w.variances + c2);
    return {of_means * (w.mean_z - w.mean_x * luminance),
            of_means * (w.mean_x - w.mean_z * luminance), -of_spread * structure, 2 * of_spread};
  }
};

}  // namespace ganymede::kernels
