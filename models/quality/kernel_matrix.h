#pragma once

#include <ganymede/models/quality/frechet.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// k(x, y) = (x.y / dims + 1)^3 of every image of one set and every image of another, 8 bytes each:
/// computed once, so that a subset costs sums alone. Throws ShapeError for other dims.
class KernelMatrix {
 public:
  KernelMatrix(const Features& rows, const Features& columns);

  double sum(std::span<const int> rows, std::span<const int> columns) const;
  /// Of a set with itself: the sum over pairs of different images, each pair twice.
  double sum_off_diagonal(std::span<const int> images) const;
  std::vector<double> row_sums() const;
  std::vector<double> column_sums() const;
  std::vector<double> row_sums_off_diagonal() const;

 private:
  double at(int row, int column) const { return values_[std::size_t(row) * columns_ + column]; }

  int rows_, columns_;
  std::vector<double> values_;  // row after row
};

}  // namespace ganymede::quality
