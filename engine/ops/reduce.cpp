#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/reduce.h>

namespace ganymede {
namespace {

/// The axes of `full` and which of them `small` lacks, aligned at the innermost.
kernels::Axes axes_between(const char* op, const Shape& full, const Shape& small) {
  const int missing = full.rank() - small.rank();
  if (missing < 0) ops::refuse(op, to_string(small) + " has more axes than " + to_string(full));
  kernels::Axes axes;
  for (int i = 0; i < full.rank(); ++i) {
    const std::int64_t extent = full[i], kept = i < missing ? 1 : small[i - missing];
    if (kept != extent && kept != 1)
      ops::refuse(op, to_string(small) + " does not align with " + to_string(full) + ": extents " +
                          std::to_string(kept) + " and " + std::to_string(extent));
    axes.append(extent, kept != extent);
  }
  return axes;
}

bool any_reduced(const kernels::Axes& axes) {
  for (int i = 0; i < axes.rank; ++i)
    if (axes.reduced[i]) return true;
  return false;
}

std::int64_t rows_of(const char* op, const Shape& shape) {
  if (shape.rank() == 0 || shape[-1] == 0)
    ops::refuse(op, to_string(shape) + " has no entries along its last axis");
  return shape.elements() / shape[-1];
}

/// gx = g - exp(y) sum(g) along each row, y = log_softmax(x): the fused vjp of log_softmax.
Var log_softmax_grad(const Var& y, const Var& g) {
  const Shape& shape = y.shape();
  Tensor gx(shape);
  kernels::log_softmax_grad(current_stream(), shape[0], shape[1], y.value().data(),
                            g.value().data(), gx.data());
  return record("log_softmax_grad", std::move(gx), {y, g}, [](const Sweep& s) {
    const Shape &full = s.out.shape(), row{full[0], 1};
    const Var weighted = mul(s.g, exp(s.in[0]));
    return ops::wanted(
        s, [&] { return scale(mul(weighted, expand(sum_to(s.in[1], row), full)), -1.0f); },
        [&] { return sub(s.g, expand(sum_to(weighted, row), full)); });
  });
}

}  // namespace

Var sum_to(const Var& x, const Shape& shape, float factor) {
  const kernels::Axes axes = axes_between("sum_to", x.shape(), shape);
  if (!any_reduced(axes)) return reshape(scale(x, factor), shape);
  Tensor y(shape);
  kernels::sum_to(current_stream(), axes, factor, x.value().data(), y.data());
  return record("sum_to", std::move(y), {x},
                [factor](const Sweep& s) { return Vars{expand(s.g, s.in[0].shape(), factor)}; });
}

Var expand(const Var& x, const Shape& shape, float factor) {
  const kernels::Axes axes = axes_between("expand", shape, x.shape());
  if (!any_reduced(axes)) return reshape(scale(x, factor), shape);
  Tensor y(shape);
  kernels::expand(current_stream(), axes, factor, x.value().data(), y.data());
  return record("expand", std::move(y), {x},
                [factor](const Sweep& s) { return Vars{sum_to(s.g, s.in[0].shape(), factor)}; });
}

Var sum(const Var& x) { return sum_to(x, Shape{}); }

Var mean(const Var& x) {
  if (x.shape().elements() == 0) ops::refuse("mean", "no elements in " + to_string(x.shape()));
  return sum_to(x, Shape{}, static_cast<float>(1.0 / static_cast<double>(x.shape().elements())));
}

Var spatial_mean(const Var& x) {
  const Shape& shape = x.shape();
  ops::require_rank("spatial_mean", shape, 4, "N x H x W x C");
  const double pixels = static_cast<double>(shape[1]) * static_cast<double>(shape[2]);
  if (pixels == 0.0) ops::refuse("spatial_mean", "no pixels in " + to_string(shape));
  const Var y = sum_to(x, {shape[0], 1, 1, shape[3]}, static_cast<float>(1.0 / pixels));
  return reshape(y, {shape[0], shape[3]});
}

Var sum_samples(const Var& x) {
  const Var rows = flatten(x);
  return reshape(sum_to(rows, {rows.shape()[0], 1}), {rows.shape()[0]});
}

Var log_softmax(const Var& x) {
  ops::require_rank("log_softmax", x.shape(), 2, "rows x classes");
  const std::int64_t rows = rows_of("log_softmax", x.shape());
  Tensor y(x.shape());
  kernels::log_softmax(current_stream(), rows, x.shape()[1], x.value().data(), y.data());
  return record("log_softmax", std::move(y), {x},
                [](const Sweep& s) { return Vars{log_softmax_grad(s.out, s.g)}; });
}

Tensor argmax(const Tensor& x) {
  const std::int64_t rows = rows_of("argmax", x.shape());
  Tensor index({rows}, DType::i32);
  kernels::row_max(current_stream(), rows, x.shape()[-1], x.data(), nullptr,
                   index.data<std::int32_t>());
  return index;
}

Var reshape(const Var& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return record("reshape", x.value().reshape(shape), {x},
                [](const Sweep& s) { return Vars{reshape(s.g, s.in[0].shape())}; });
}

Var flatten(const Var& x) {
  const Shape& shape = x.shape();
  if (shape.rank() == 0) ops::refuse("flatten", "a scalar has no samples");
  std::int64_t width = 1;
  for (int i = 1; i < shape.rank(); ++i) width *= shape[i];
  return reshape(x, {shape[0], width});
}

}  // namespace ganymede
