#pragma once

#include <ganymede/engine/tensor.h>

#include <string>

namespace ganymede::quality {

/// A Frechet distance of features that lie on a device, and how it was found.
struct DeviceFrechet {
  double distance = 0;  ///< as frechet_distance of frechet.h
  int steps = 0;        ///< of the polar iterations, all together; 0 where the host did it
  std::string refusal;  ///< why the host did it after all, "" where the kernels did
};

/// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2) of features in f32, count x dims, on the current
/// stream's device. On CUDA by frechet_by_polar; where that does not converge by the host in its
/// place, with the reason in `refusal`. On the CPU it is frechet_distance of frechet.h.
/// Throws ShapeError for other ranks or dims, UsageError for another dtype or device, DataError for
/// fewer than 2 images in either set or a value that is not finite.
DeviceFrechet frechet_distance(const Tensor& a, const Tensor& b);

/// The same by the kernels of kernels/moments.h on whichever device, in double from the means on.
/// With centred features A over sqrt(n - 1) the trace of the root is the nuclear norm of A1 A2^T
/// for any counts. A side with more images than dims becomes its polar factor's H first (A = U H,
/// H dims x dims, H^2 the covariance), so that no matrix is larger than dims x dims; the norm is
/// another polar iteration's (polar.h). No covariance is squared and none inverted: rank-deficient
/// ones cost no digits. Against an exact computation the distance is at most 3e-10 of tr S1 + tr S2
/// too large, and off by rounding of about 1e-13 of it.
DeviceFrechet frechet_by_polar(const Tensor& a, const Tensor& b);

}  // namespace ganymede::quality
