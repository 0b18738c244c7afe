#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/eigen.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/splitmix.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The first `size` of a shuffle of the rows.
Matrix draw_rows(const Features& features, int size, SplitMix64& random) {
  const Eigen::Map<const Matrix> rows(features.values.data(), features.count, features.dims);
  if (size == features.count) return rows;
  std::vector<int> order(features.count);
  std::iota(order.begin(), order.end(), 0);
  Matrix drawn(size, features.dims);
  for (int i = 0; i < size; ++i) {
    std::swap(order[i], order[i + random.below(std::uint32_t(features.count - i))]);
    drawn.row(i) = rows.row(order[i]);
  }
  return drawn;
}

Matrix kernel_matrix(const Matrix& a, const Matrix& b) {
  return ((a * b.transpose() / double(a.cols())).array() + 1).cube();
}

double unbiased_mmd2(const Matrix& a, const Matrix& b) {
  const auto m = double(a.rows());
  const Matrix aa = kernel_matrix(a, a), bb = kernel_matrix(b, b);
  const double within = (aa.sum() - aa.trace() + bb.sum() - bb.trace()) / (m * (m - 1));
  return within - 2 * kernel_matrix(a, b).mean();
}

}  // namespace

Kid kid(const Features& a, const Features& b, int subsets, std::uint64_t seed) {
  if (a.dims != b.dims) throw ShapeError(fmt::format("kid: {} dims against {}", a.dims, b.dims));
  const int size = std::min({a.count, b.count, 1000});
  if (size < 2)
    throw DataError(fmt::format("kid: it needs at least 2 images in each, got {}", size));
  if (size == a.count && size == b.count) subsets = 1;
  std::vector<double> values;
  for (int s = 0; s < subsets; ++s) {
    SplitMix64 random(seed, std::uint64_t(s));
    const Matrix rows_a = draw_rows(a, size, random);
    values.push_back(unbiased_mmd2(rows_a, draw_rows(b, size, random)));
  }
  Kid result{std::accumulate(values.begin(), values.end(), 0.) / subsets, 0, subsets, size};
  for (const double value : values)
    result.sd += (value - result.mean) * (value - result.mean) / std::max(1, subsets - 1);
  result.sd = std::sqrt(result.sd);
  return result;
}

}  // namespace ganymede::quality
