#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/dense.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/nuclear_norm.h>

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

using dense::Matrix, dense::Rows;

Rows rows_of(const Features& features) {
  return {features.values.data(), features.count, features.dims};
}

Rows covariance_of(const Moments& m) { return {m.covariance.data(), m.dims, m.dims}; }

template <class T>
std::vector<double> checked(std::span<const T> from, int rows, int columns) {
  if (rows < 0 || columns < 1 || from.size() != std::size_t(rows) * std::size_t(columns))
    throw ShapeError(
        fmt::format("features: {} values do not make {} x {}", from.size(), rows, columns));
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!std::isfinite(from[i]))
      throw DataError(
          fmt::format("features: value {} of image {} is not finite", i % columns, i / columns));
  return {from.begin(), from.end()};
}

void check_count(int count) {
  if (count < 2)
    throw DataError(
        fmt::format("a distance of feature sets needs at least 2 images in each, got {}", count));
}

void check_pair(int dims_a, int count_a, int dims_b, int count_b) {
  if (dims_a != dims_b)
    throw ShapeError(fmt::format("features of {} dims against {}", dims_a, dims_b));
  check_count(std::min(count_a, count_b));
}

/// The centred rows over sqrt(n - 1), or, where there are more rows than columns, the triangle R of
/// their QR decomposition: R^T R is the covariance all the same, and the nuclear norm stays.
Matrix covariance_factor(const Features& features) {
  const auto rows = rows_of(features);
  Matrix centred = rows.rowwise() - rows.colwise().mean();
  centred /= std::sqrt(double(features.count - 1));
  if (features.count <= features.dims) return centred;
  return dense::triangle(std::move(centred));
}

/// The unit vector that centred rows are orthogonal to; none where the rows are a triangle's.
std::vector<double> null_of(const Features& features) {
  if (features.count > features.dims) return {};
  return std::vector<double>(std::size_t(features.count), 1 / std::sqrt(double(features.count)));
}

double trace_of_root(const Matrix& cross, const Features& a, const Features& b) {
  return nuclear_norm(
      {{cross.data(), std::size_t(cross.size())}, int(cross.rows()), int(cross.cols())}, null_of(a),
      null_of(b));
}

}  // namespace

Features::Features(std::span<const float> from, int rows, int columns)
    : values(checked(from, rows, columns)), count(rows), dims(columns) {}

Features::Features(std::span<const double> from, int rows, int columns)
    : values(checked(from, rows, columns)), count(rows), dims(columns) {}

Moments moments(const Features& features) {
  check_count(features.count);
  const auto rows = rows_of(features);
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  const Matrix centred = rows.rowwise() - mean;
  const Matrix covariance =
      dense::product_of_transposed(centred, centred) / double(features.count - 1);
  return {features.dims,
          features.count,
          {mean.data(), mean.data() + mean.size()},
          {covariance.data(), covariance.data() + covariance.size()}};
}

double frechet_distance(const Features& a, const Features& b) {
  check_pair(a.dims, a.count, b.dims, b.count);
  const Matrix fa = covariance_factor(a), fb = covariance_factor(b);
  const Matrix cross = dense::product_with_transposed(fa, fb);
  const double root = trace_of_root(cross, a, b);
  const double means = (rows_of(a).colwise().mean() - rows_of(b).colwise().mean()).squaredNorm();
  return std::max(0., means + fa.squaredNorm() + fb.squaredNorm() - 2 * root);
}

double frechet_distance(const Moments& a, const Moments& b) {
  check_pair(a.dims, a.count, b.dims, b.count);
  const Matrix sa = covariance_of(a), sb = covariance_of(b);
  const auto [values, vectors] = dense::symmetric_eigen(sa);
  const Matrix stretched = vectors * values.cwiseMax(0).cwiseSqrt().asDiagonal();
  const Matrix root_a = dense::product_with_transposed(stretched, vectors);
  const Matrix product = dense::product(dense::product(root_a, sb), root_a);
  const double root = dense::symmetric_eigenvalues(product).cwiseMax(0).cwiseSqrt().sum();
  double means = 0;
  for (int i = 0; i < a.dims; ++i) means += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]);
  return std::max(0., means + sa.trace() + sb.trace() - 2 * root);
}

}  // namespace ganymede::quality
