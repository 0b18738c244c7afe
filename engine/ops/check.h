#pragma once
// What the operations' sources share: checks of extents, and cotangents computed on demand.

#include <string>

#include <ganymede/engine/var.h>

namespace ganymede::ops {

/// Throws ShapeError "op: what".
[[noreturn]] void refuse(const char* op, const std::string& what);
/// Throws ShapeError unless both have one shape.
void require_same(const char* op, const Var& x, const Var& z);
/// Throws ShapeError unless `shape` has `rank` axes; `form` says how they are meant ("N x H x W x
/// C").
void require_rank(const char* op, const Shape& shape, int rank, const char* form);

/// The shape with another extent of one axis (negative: from the back).
Shape with_extent(Shape shape, int axis, std::int64_t extent);
/// The common shape of what is joined along `axis` (negative: from the back), with the joined
/// extent. Throws ShapeError where they do not join.
Shape joined_shape(const char* op, const Vars& xs, int axis);

/// Device memory of an optional operand; null where it is empty.
const float* data_or_null(const Var& x);

/// One cotangent per input, from one function each; only those that somebody wants are called.
template <class... Gradients>
Vars wanted(const Sweep& s, const Gradients&... gradients) {
  std::size_t i = 0;
  return {(s.wants(i++) ? gradients() : Var())...};
}

}  // namespace ganymede::ops
