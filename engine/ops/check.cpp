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

const float* data_or_null(const Var& x) { return x ? x.value().data() : nullptr; }

}  // namespace ganymede::ops
