#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/dense.h>
#include <ganymede/models/quality/nuclear_norm.h>
#include <ganymede/models/quality/resampled_frechet.h>

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

using dense::Matrix, dense::Rows;

Rows rows_of(const Features& features) {
  return {features.values.data(), features.count, features.dims};
}

void subtract(Features& features, const Eigen::RowVectorXd& mean) {
  for (int i = 0; i < features.count; ++i)
    for (int j = 0; j < features.dims; ++j)
      features.values[std::size_t(i) * features.dims + j] -= mean[j];
}

/// The images that a resample drew at all, and its moments of first order.
struct Draw {
  Draw(const Features& features, std::span<const int> counts) {
    mean = Eigen::RowVectorXd::Zero(features.dims);
    const auto rows = rows_of(features);
    double squares = 0;
    for (int i = 0; i < features.count; ++i) {
      if (counts[i] == 0) continue;
      images.push_back(i);
      weights.push_back(counts[i]);
      total += counts[i];
      mean += counts[i] * rows.row(i);
      squares += counts[i] * rows.row(i).squaredNorm();
    }
    mean /= total;
    trace = (squares - total * mean.squaredNorm()) / (total - 1);
  }

  std::vector<int> images;
  std::vector<double> weights;
  double total = 0;
  double trace = 0;  ///< of the covariance
  Eigen::RowVectorXd mean;
};

/// Centred and weighted cross products of the images drawn, out of those of all images.
Matrix cross_of(const Draw& a, const Draw& b, std::span<const double> all, int rows) {
  Matrix cross(a.images.size(), b.images.size());
  for (Eigen::Index l = 0; l < cross.cols(); ++l)
    for (Eigen::Index k = 0; k < cross.rows(); ++k)
      cross(k, l) = all[std::size_t(b.images[l]) * rows + a.images[k]];
  const Eigen::Map<const Eigen::VectorXd> wa(a.weights.data(), cross.rows()),
      wb(b.weights.data(), cross.cols());
  const Eigen::VectorXd with_mean_b = cross * wb / b.total;
  const Eigen::RowVectorXd with_mean_a = wa.transpose() * cross / a.total;
  cross.colwise() -= with_mean_b;
  cross.rowwise() -= (with_mean_a.array() - wa.dot(with_mean_b) / a.total).matrix();
  const double scale = 1 / std::sqrt((a.total - 1) * (b.total - 1));
  return (wa.cwiseSqrt() * scale).asDiagonal() * cross * wb.cwiseSqrt().asDiagonal();
}

/// R with R^T R the covariance of what was drawn.
Matrix factor_of(const Features& features, const Draw& draw) {
  const auto rows = rows_of(features);
  Matrix centred(draw.images.size(), features.dims);
  for (Eigen::Index k = 0; k < centred.rows(); ++k)
    centred.row(k) =
        std::sqrt(draw.weights[k] / (draw.total - 1)) * (rows.row(draw.images[k]) - draw.mean);
  if (centred.rows() <= features.dims) return centred;
  return dense::triangle(std::move(centred));
}

}  // namespace

ResampledFrechet::ResampledFrechet(const Features& a, const Features& b)
    : dims_(a.dims), a_(a), b_(b) {
  if (a.dims != b.dims)
    throw ShapeError(fmt::format("features of {} dims against {}", a.dims, b.dims));
  const Eigen::RowVectorXd mean =
      (rows_of(a).colwise().sum() + rows_of(b).colwise().sum()) / double(a.count + b.count);
  subtract(a_, mean);
  subtract(b_, mean);
  if (std::max(a.count, b.count) > 2 * dims_) return;
  cross_.resize(std::size_t(a.count) * b.count);
  dense::product_of_transposed(rows_of(a_).transpose(), rows_of(b_).transpose(),
                               Eigen::Map<Matrix>(cross_.data(), a.count, b.count));
}

double ResampledFrechet::distance(std::span<const int> counts_a,
                                  std::span<const int> counts_b) const {
  const Draw a(a_, counts_a), b(b_, counts_b);
  const Matrix cross = cross_.empty()
                           ? dense::product_with_transposed(factor_of(a_, a), factor_of(b_, b))
                           : cross_of(a, b, cross_, a_.count);
  const double root = nuclear_norm_by_gram(
      {{cross.data(), std::size_t(cross.size())}, int(cross.rows()), int(cross.cols())});
  return std::max(0., (a.mean - b.mean).squaredNorm() + a.trace + b.trace - 2 * root);
}

}  // namespace ganymede::quality
