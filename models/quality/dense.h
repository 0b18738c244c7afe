#pragma once

// For .cpp files only: Eigen is heavy, and no header of the library shows it. Products and
// decompositions are compiled once, in dense.cpp, in double; sums along rows and the like are
// written with Eigen where they are needed. g++ 12 takes the lanes that AVX-512 intrinsics leave
// undefined on purpose for a fault of ours, at the point of use, so the warning stays off to the
// end of the file.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include <Eigen/Core>

namespace ganymede::quality::dense {

using Matrix = Eigen::MatrixXd;  ///< column after column
using Vector = Eigen::VectorXd;
using View = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;
/// Features, an image a row.
using Rows =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

Matrix product(const View& a, const View& b);                  ///< a b
Matrix product_with_transposed(const View& a, const View& b);  ///< a b^T
Matrix product_of_transposed(const View& a, const View& b);    ///< a^T b
void product_of_transposed(const View& a, const View& b, Eigen::Ref<Matrix> out);

/// R of the QR decomposition of a matrix with at least as many rows as columns: R^T R = m^T m.
Matrix triangle(Matrix m);

/// An orthonormal basis of the columns, of which there are at most as many as rows.
Matrix orthonormal(Matrix columns);

struct SymmetricEigen {
  Vector values;   ///< ascending
  Matrix vectors;  ///< a column each
};

/// Both read the lower triangle alone.
SymmetricEigen symmetric_eigen(const Matrix& m);
Vector symmetric_eigenvalues(const Matrix& m);

Vector singular_values(Matrix m);  ///< ascending

}  // namespace ganymede::quality::dense
