#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/eigen.h>
#include <ganymede/models/quality/nuclear_norm.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>
#include <Eigen/Eigenvalues>

namespace ganymede::quality {

namespace {

constexpr int worth_squaring = 256;
constexpr double loss_allowed = 1e-10;

using View = Eigen::Map<const Eigen::MatrixXd>;

View checked(const MatrixView& m) {
  if (m.values.size() != std::size_t(m.rows) * std::size_t(m.columns))
    throw ShapeError(fmt::format("nuclear_norm: {} values do not make {} x {}", m.values.size(),
                                 m.rows, m.columns));
  return {m.values.data(), m.rows, m.columns};
}

Eigen::MatrixXd gram_of_smaller_side(const View& m) {
  if (m.rows() <= m.cols()) return m * m.transpose();
  return m.transpose() * m;
}

Eigen::VectorXd eigenvalues(const Eigen::MatrixXd& gram) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly)
      .eigenvalues()
      .cwiseMax(0);
}

/// At most how far the sum of the roots is off, the eigenvalues being off by a few eps of the
/// largest.
double loss_of_squaring(const Eigen::VectorXd& values) {
  const double off = 8 * std::numeric_limits<double>::epsilon() * values.maxCoeff();
  double loss = 0;
  for (const double value : values) loss += std::min(std::sqrt(off), off / std::sqrt(value + off));
  return loss;
}

/// Golub & Kahan 1965: reflections from both sides leave a bidiagonal matrix B; the singular values
/// are those eigenvalues of (0 B; B^T 0) that are not negative. Its rows and columns taken in turn,
/// that matrix is tridiagonal, with zeros on the diagonal and B's entries beside it.
double by_decomposition(const View& m) {
  Eigen::MatrixXd a = m;
  if (m.rows() < m.cols()) a.transposeInPlace();
  const Eigen::Index rows = a.rows(), columns = a.cols();
  Eigen::VectorXd beside(2 * columns - 1), scratch(rows);
  double scale = 0;
  for (Eigen::Index k = 0; k < columns; ++k) {
    const Eigen::Index below = rows - k - 1, right = columns - k - 1;
    a.col(k).tail(below + 1).makeHouseholderInPlace(scale, beside[2 * k]);
    a.bottomRightCorner(below + 1, right)
        .applyHouseholderOnTheLeft(a.col(k).tail(below), scale, scratch.data());
    if (right == 0) break;
    a.row(k).tail(right).makeHouseholderInPlace(scale, beside[2 * k + 1]);
    a.bottomRightCorner(below, right)
        .applyHouseholderOnTheRight(a.row(k).tail(right - 1).transpose(), scale, scratch.data());
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(Eigen::VectorXd::Zero(2 * columns), beside, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().cwiseAbs().sum() / 2;
}

}  // namespace

double nuclear_norm(const MatrixView& matrix, std::span<const double> null_of_rows,
                    std::span<const double> null_of_columns) {
  const View m = checked(matrix);
  if (std::min(m.rows(), m.cols()) < worth_squaring) return by_decomposition(m);
  Eigen::MatrixXd gram = gram_of_smaller_side(m);
  const auto null = m.rows() <= m.cols() ? null_of_rows : null_of_columns;
  // The known zero becomes a root of middling size, which is then taken away again.
  const double root = null.empty() ? 0 : std::sqrt(gram.trace() / double(gram.rows()));
  if (!null.empty()) {
    const Eigen::Map<const Eigen::VectorXd> u(null.data(), Eigen::Index(null.size()));
    gram += root * root * u * u.transpose();
  }
  const Eigen::VectorXd values = eigenvalues(gram);
  const double sum = values.cwiseSqrt().sum();
  return loss_of_squaring(values) <= loss_allowed * sum ? sum - root : by_decomposition(m);
}

double nuclear_norm_by_gram(const MatrixView& matrix) {
  const Eigen::VectorXd values = eigenvalues(gram_of_smaller_side(checked(matrix)));
  const double noise = 16 * std::numeric_limits<double>::epsilon() * values.maxCoeff();
  return (values.array() > noise).select(values.array().sqrt(), 0).sum();
}

}  // namespace ganymede::quality
