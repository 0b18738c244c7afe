#pragma once

#include <span>

namespace ganymede::quality {

/// A dense matrix in columns, as Eigen stores it; not owned.
struct MatrixView {
  std::span<const double> values;  ///< rows x columns, column after column
  int rows = 0;
  int columns = 0;
};

/// The sum of the singular values, in double. From 256 a side on by the eigenvalues of the Gram
/// matrix of the smaller side, which takes a fifth of the time of a singular value decomposition,
/// where a bound on what squaring loses stays below 1e-10 of the result; by the decomposition
/// otherwise.
/// `null_of_rows` and `null_of_columns` may name a unit vector u with u^T M = 0, or v with M v = 0:
/// the singular value it stands for is an exact zero, which squaring would blur.
/// Throws ShapeError where the values do not fill the matrix.
double nuclear_norm(const MatrixView& matrix, std::span<const double> null_of_rows = {},
                    std::span<const double> null_of_columns = {});

/// The same by the Gram matrix alone, eigenvalues within rounding of 0 taken for 0: for resampling,
/// where a relative 1e-7 is nothing.
double nuclear_norm_by_gram(const MatrixView& matrix);

}  // namespace ganymede::quality
