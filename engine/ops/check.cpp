#include <ganymede/engine/ops/check.h>
#include <ganymede/kernels/error.h>

namespace ganymede::ops {

void refuse(const char* op, const std::string& what) { throw ShapeError(op + (": " + what)); }

void require_same(const char* op, const Var& x, const Var& z) {
  if (!(x.shape() == z.shape()))
    refuse(op, "operands are " + to_string(x.shape()) + " and " + to_string(z.shape()) +
                   "; expand the smaller one");
}

void require_rank(const char* op, const Shape& shape, int rank, const char* form) {
  if (shape.rank() != rank)
    refuse(op, "the operand is " + to_string(shape) + ", it must be " + form);
}

Shape with_extent(Shape shape, int axis, std::int64_t extent) {
  shape.set(axis, extent);
  return shape;
}

Shape joined_shape(const char* op, const Vars& xs, int axis) {
  if (xs.empty() || xs[0].shape().rank() == 0) refuse(op, "nothing to join");
  const Shape& first = xs[0].shape();
  std::int64_t extent = 0;
  for (const Var& x : xs) {
    if (x.shape().rank() != first.rank() ||
        !(with_extent(x.shape(), axis, 0) == with_extent(first, axis, 0)))
      refuse(op, to_string(x.shape()) + " does not join " + to_string(first));
    extent += x.shape()[axis];
  }
  return with_extent(first, axis, extent);
}

const float* data_or_null(const Var& x) { return x ? x.value().data() : nullptr; }

}  // namespace ganymede::ops
