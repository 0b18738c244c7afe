#pragma once

#include <ganymede/kernels/memory.h>

#include <cstdint>
#include <vector>

namespace ganymede::quality {

/// A matrix in double on a stream's device, row-major and dense.
struct DeviceMatrix {
  DeviceMatrix(Stream& stream, std::int64_t rows_, std::int64_t columns_)
      : rows(rows_),
        columns(columns_),
        memory(allocate(stream, std::size_t(rows_ * columns_) * sizeof(double))) {}

  std::int64_t elements() const { return rows * columns; }
  double* data() const { return static_cast<double*>(memory.data()); }

  std::int64_t rows, columns;
  Block memory;
};

/// y = first x + third x^3, applied to every singular value.
struct PolarStep {
  double first, third;
};

/// Steps that take every number of [least, 1] to 1 within rounding and none of [0, 1] beyond it:
/// Newton-Schulz, 3/2 x - 1/2 x^3, of x stretched as far as the smallest allows (Chen and Chow
/// 2014), so that small ones grow by 2.6 a step and not by 1.5. The last step confirms: it moves
/// nothing. `least` is in (0, 1].
std::vector<PolarStep> polar_steps(double least);

/// The polar factor U of a = U H and the sum of a's singular values, <U, a> = tr H. Singular values
/// enter as they are and not squared, so that none is blurred by rounding of the largest; those
/// below `lost` of the largest may be missed, at most `polar_tolerance` of the sum all together.
struct Polar {
  DeviceMatrix factor;  ///< columns orthonormal where a has full rank
  double nuclear_norm;
  double change;  ///< by the last step, as a share of the sum
  int steps;
  /// Whether the last step changed nothing. Where not, the other members mean nothing: a value was
  /// not finite, or so large or small that fourth powers are not doubles.
  bool converged() const;
};
inline constexpr double polar_tolerance = 1e-10;

/// By products on the stream's device (kernels/moments.h), a step 1.5 rows columns^2 multiply-adds:
/// half a Gram matrix and a product. `a` has at least as many rows as columns. Waits for the
/// stream. Throws ShapeError for a wide matrix.
Polar polar(Stream& stream, const DeviceMatrix& a);

}  // namespace ganymede::quality
