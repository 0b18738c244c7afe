#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace ganymede {

/// Extents of a tensor, outermost first, rank 0 (a scalar) to 6.
class Shape {
 public:
  static constexpr int max_rank = 6;

  Shape() = default;
  /// Both throw ShapeError for negative extents or a rank above 6.
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  int rank() const { return rank_; }
  /// Negative axes count from the end: shape[-1] is the innermost extent. Neither checks: the axis
  /// must lie in [-rank, rank), the extent must be at least 0.
  std::int64_t operator[](int axis) const { return extents_[axis < 0 ? axis + rank_ : axis]; }
  void set(int axis, std::int64_t extent) { extents_[axis < 0 ? axis + rank_ : axis] = extent; }
  /// Their product, 1 for a scalar; unchecked, so it must fit 63 bits.
  std::int64_t elements() const;
  std::span<const std::int64_t> extents() const { return {extents_.data(), std::size_t(rank_)}; }

  friend bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<std::int64_t, max_rank> extents_{};
  int rank_ = 0;
};

/// "16x32x32x128"; "scalar" for rank 0.
std::string to_string(const Shape& shape);

}  // namespace ganymede
