#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/dense.h>
#include <ganymede/models/quality/nuclear_norm.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr int worth_squaring = 256;
constexpr double loss_allowed = 1e-10;

using dense::Matrix, dense::Vector;
using View = Eigen::Map<const Matrix>;

View checked(const MatrixView& m) {
  if (m.values.size() != std::size_t(m.rows) * std::size_t(m.columns))
    throw ShapeError(fmt::format("nuclear_norm: {} values do not make {} x {}", m.values.size(),
                                 m.rows, m.columns));
  return {m.values.data(), m.rows, m.columns};
}

Matrix gram_of_smaller_side(const View& m) {
  if (m.rows() <= m.cols()) return dense::product_with_transposed(m, m);
  return dense::product_of_transposed(m, m);
}

Vector eigenvalues(const Matrix& gram) { return dense::symmetric_eigenvalues(gram).cwiseMax(0); }

/// At most how far the sum of the roots is off, the eigenvalues being off by a few eps of the
/// largest.
double loss_of_squaring(const Vector& values) {
  const double off = 8 * std::numeric_limits<double>::epsilon() * values.maxCoeff();
  double loss = 0;
  for (const double value : values) loss += std::min(std::sqrt(off), off / std::sqrt(value + off));
  return loss;
}

}  // namespace

double nuclear_norm(const MatrixView& matrix, std::span<const double> null_of_rows,
                    std::span<const double> null_of_columns) {
  const View m = checked(matrix);
  if (std::min(m.rows(), m.cols()) < worth_squaring) return dense::singular_values(m).sum();
  Matrix gram = gram_of_smaller_side(m);
  const auto null = m.rows() <= m.cols() ? null_of_rows : null_of_columns;
  // The known zero becomes a root of middling size, which is then taken away again.
  const double root = null.empty() ? 0 : std::sqrt(gram.trace() / double(gram.rows()));
  if (!null.empty()) {
    const Eigen::Map<const Vector> u(null.data(), Eigen::Index(null.size()));
    gram += root * root * u * u.transpose();
  }
  const Vector values = eigenvalues(gram);
  const double sum = values.cwiseSqrt().sum();
  return loss_of_squaring(values) <= loss_allowed * sum ? sum - root
                                                        : dense::singular_values(m).sum();
}

double nuclear_norm_by_gram(const MatrixView& matrix) {
  const Vector values = eigenvalues(gram_of_smaller_side(checked(matrix)));
  const double noise = 16 * std::numeric_limits<double>::epsilon() * values.maxCoeff();
  return (values.array() > noise).select(values.array().sqrt(), 0).sum();
}

}  // namespace ganymede::quality
