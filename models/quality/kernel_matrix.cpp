#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/dense.h>
#include <ganymede/models/quality/kernel_matrix.h>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

/// The features of an image a column.
Eigen::Map<const dense::Matrix> columns_of(const Features& features) {
  return {features.values.data(), features.dims, features.count};
}

}  // namespace

KernelMatrix::KernelMatrix(const Features& rows, const Features& columns)
    : rows_(rows.count), columns_(columns.count) {
  if (rows.dims != columns.dims)
    throw ShapeError(fmt::format("features of {} dims against {}", rows.dims, columns.dims));
  values_.resize(std::size_t(rows_) * columns_);
  // Column after column of its transpose is row after row.
  Eigen::Map<dense::Matrix> values(values_.data(), columns_, rows_);
  dense::product_of_transposed(columns_of(columns), columns_of(rows), values);
  values.array() = (values.array() / double(rows.dims) + 1).cube();
}

double KernelMatrix::sum(std::span<const int> rows, std::span<const int> columns) const {
  double total = 0;
  for (const int i : rows) {
    double row = 0;
    for (const int j : columns) row += at(i, j);
    total += row;
  }
  return total;
}

double KernelMatrix::sum_off_diagonal(std::span<const int> images) const {
  double total = 0;
  for (const int i : images) {
    double row = 0;
    for (const int j : images) row += i == j ? 0 : at(i, j);
    total += row;
  }
  return total;
}

std::vector<double> KernelMatrix::row_sums() const {
  std::vector<double> sums(static_cast<std::size_t>(rows_), 0.);
  for (int i = 0; i < rows_; ++i)
    for (int j = 0; j < columns_; ++j) sums[std::size_t(i)] += at(i, j);
  return sums;
}

std::vector<double> KernelMatrix::column_sums() const {
  std::vector<double> sums(static_cast<std::size_t>(columns_), 0.);
  for (int i = 0; i < rows_; ++i)
    for (int j = 0; j < columns_; ++j) sums[std::size_t(j)] += at(i, j);
  return sums;
}

std::vector<double> KernelMatrix::row_sums_off_diagonal() const {
  std::vector<double> sums = row_sums();
  for (int i = 0; i < rows_; ++i) sums[std::size_t(i)] -= at(i, i);
  return sums;
}

}  // namespace ganymede::quality
