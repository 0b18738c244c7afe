#include <ganymede/models/quality/dense.h>

#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

namespace ganymede::quality::dense {

Matrix product(const View& a, const View& b) { return a * b; }
Matrix product_with_transposed(const View& a, const View& b) { return a * b.transpose(); }
Matrix product_of_transposed(const View& a, const View& b) { return a.transpose() * b; }

void product_of_transposed(const View& a, const View& b, Eigen::Ref<Matrix> out) {
  out.noalias() = a.transpose() * b;
}

Matrix triangle(Matrix m) {
  const Eigen::Index columns = m.cols();
  const Eigen::HouseholderQR<Matrix> qr(std::move(m));
  return qr.matrixQR().topRows(columns).triangularView<Eigen::Upper>();
}

Matrix orthonormal(Matrix columns) {
  const Eigen::Index rows = columns.rows(), count = columns.cols();
  const Eigen::HouseholderQR<Matrix> qr(std::move(columns));
  return qr.householderQ() * Matrix::Identity(rows, count);
}

SymmetricEigen symmetric_eigen(const Matrix& m) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(m);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

Vector symmetric_eigenvalues(const Matrix& m) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(m, Eigen::EigenvaluesOnly).eigenvalues();
}

// Golub & Kahan 1965: reflections from both sides leave a bidiagonal matrix B; the singular values
// are those eigenvalues of (0 B; B^T 0) that are not negative. Its rows and columns taken in turn,
// that matrix is tridiagonal, with zeros on the diagonal and B's entries beside it.
Vector singular_values(Matrix m) {
  if (m.rows() < m.cols()) m.transposeInPlace();
  const Eigen::Index rows = m.rows(), columns = m.cols();
  Vector beside(2 * columns - 1), scratch(rows);
  double scale = 0;
  for (Eigen::Index k = 0; k < columns; ++k) {
    const Eigen::Index below = rows - k - 1, right = columns - k - 1;
    m.col(k).tail(below + 1).makeHouseholderInPlace(scale, beside[2 * k]);
    m.bottomRightCorner(below + 1, right)
        .applyHouseholderOnTheLeft(m.col(k).tail(below), scale, scratch.data());
    if (right == 0) break;
    m.row(k).tail(right).makeHouseholderInPlace(scale, beside[2 * k + 1]);
    m.bottomRightCorner(below, right)
        .applyHouseholderOnTheRight(m.row(k).tail(right - 1).transpose(), scale, scratch.data());
  }
  Eigen::SelfAdjointEigenSolver<Matrix> solver;
  solver.computeFromTridiagonal(Vector::Zero(2 * columns), beside, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().tail(columns).cwiseMax(0);
}

}  // namespace ganymede::quality::dense
