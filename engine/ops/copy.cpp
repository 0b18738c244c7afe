#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/kernels/copy.h>
#include <ganymede/kernels/memory.h>

namespace ganymede {
namespace {

using ops::with_extent;

std::int64_t product(const Shape& shape, int begin, int end) {
  std::int64_t n = 1;
  for (int i = begin; i < end; ++i) n *= shape[i];
  return n;
}

std::string range(std::int64_t begin, std::int64_t end) {
  return "[" + std::to_string(begin) + ", " + std::to_string(end) + ")";
}

void require_range(const char* op, const Shape& shape, int axis, std::int64_t begin,
                   std::int64_t end) {
  if (shape.rank() == 0 || begin < 0 || end < begin || end > shape[axis])
    ops::refuse(op, range(begin, end) + " is not within the " + (axis < 0 ? "last" : "first") +
                        " axis of " + to_string(shape));
}

/// Calls part(i, begin, end) for each of the joined extents.
template <class Part>
void for_parts(const Vars& xs, int axis, const Part& part) {
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const std::int64_t end = begin + xs[i].shape()[axis];
    part(i, begin, end);
    begin = end;
  }
}

/// The adjoint of slice_channels: g at channels [begin, ...) of `channels`, zero elsewhere.
Var put_channels(const Var& g, std::int64_t begin, std::int64_t channels) {
  Tensor y = Tensor::zeros(with_extent(g.shape(), -1, channels));
  const std::int64_t width = g.shape()[-1];
  kernels::copy_columns(current_stream(),
                        {product(g.shape(), 0, g.shape().rank() - 1), width, width, channels},
                        g.value().data(), y.data() + begin);
  return record("put_channels", std::move(y), {g}, [begin, width](const Sweep& s) {
    return Vars{slice_channels(s.g, begin, begin + width)};
  });
}

/// y is channels [begin, ...) of x.
Var record_slice(Tensor y, const Var& x, std::int64_t begin) {
  return record("slice_channels", std::move(y), {x}, [begin](const Sweep& s) {
    return Vars{put_channels(s.g, begin, s.in[0].shape()[-1])};
  });
}

Vars concat_vjp(const Sweep& s) {
  std::vector<Tensor> tensors(s.in.size());
  std::vector<kernels::ColumnPart<float>> parts;
  for (std::size_t i = 0; i < s.in.size(); ++i) {
    if (s.wants(i)) tensors[i] = Tensor(s.in[i].shape());
    parts.push_back({s.wants(i) ? tensors[i].data() : nullptr, s.in[i].shape()[-1]});
  }
  kernels::split_columns(current_stream(), product(s.g.shape(), 0, s.g.shape().rank() - 1), parts,
                         s.g.value().data());
  Vars gradients(s.in.size());
  for_parts(s.in, -1, [&](std::size_t i, std::int64_t begin, std::int64_t) {
    if (s.wants(i)) gradients[i] = record_slice(tensors[i], s.g, begin);
  });
  return gradients;
}

/// The adjoint of slice_rows: g at rows [begin, ...) of `rows`, zero elsewhere.
Var put_rows(const Var& g, std::int64_t begin, std::int64_t rows) {
  Tensor y(with_extent(g.shape(), 0, rows));
  const std::int64_t end = begin + g.shape()[0];
  Stream& stream = current_stream();
  const Tensor before = y.slice(0, begin), after = y.slice(end, rows);
  fill_zero(stream, before.raw(), before.bytes());
  copy_within(stream, y.slice(begin, end).raw(), g.value().raw(), g.value().bytes());
  fill_zero(stream, after.raw(), after.bytes());
  return record("put_rows", std::move(y), {g},
                [begin, end](const Sweep& s) { return Vars{slice_rows(s.g, begin, end)}; });
}

kernels::GatherRows gather_shape(const char* op, const Tensor& x, const Tensor& index) {
  if (x.shape().rank() == 0) ops::refuse(op, "a scalar has no rows");
  if (index && index.shape().rank() != 1)
    ops::refuse(op, "the index is " + to_string(index.shape()) + ", it must have one axis");
  const std::int64_t rows = x.shape()[0];
  return {index ? index.shape()[0] : rows, product(x.shape(), 1, x.shape().rank()), rows,
          x.dtype()};
}

/// The adjoint of take_rows: adds up g's rows by index, into `rows` rows.
Var scatter_rows(const Var& g, const Tensor& index, std::int64_t rows) {
  Tensor y(with_extent(g.shape(), 0, rows));
  const auto shape = gather_shape("take_rows", y, index);
  kernels::scatter(current_stream(), shape, g.value().data(), index.data<std::int32_t>(), y.data());
  return record("scatter_rows", std::move(y), {g, index}, [](const Sweep& s) {
    return Vars{take_rows(s.g, s.in[1].value()), Var()};
  });
}

}  // namespace

Var concat(const Vars& xs) {
  Tensor y(ops::joined_shape("concat", xs, -1));
  std::vector<kernels::ColumnPart<const float>> parts;
  for (const Var& x : xs) parts.push_back({x.value().data(), x.shape()[-1]});
  kernels::join_columns(current_stream(), product(y.shape(), 0, y.shape().rank() - 1), parts,
                        y.data());
  return record("concat", std::move(y), xs, concat_vjp);
}

Var slice_channels(const Var& x, std::int64_t begin, std::int64_t end) {
  const Shape& shape = x.shape();
  require_range("slice_channels", shape, -1, begin, end);
  Tensor y(with_extent(shape, -1, end - begin));
  kernels::copy_columns(current_stream(),
                        {product(shape, 0, shape.rank() - 1), end - begin, shape[-1], end - begin},
                        x.value().data() + begin, y.data());
  return record_slice(std::move(y), x, begin);
}

Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end) {
  require_range("slice_rows", x.shape(), 0, begin, end);
  return record("slice_rows", x.value().slice(begin, end), {x},
                [begin](const Sweep& s) { return Vars{put_rows(s.g, begin, s.in[0].shape()[0])}; });
}

Var concat_rows(const Vars& xs) {
  Tensor y(ops::joined_shape("concat_rows", xs, 0));
  for_parts(xs, 0, [&](std::size_t i, std::int64_t begin, std::int64_t end) {
    copy_within(current_stream(), y.slice(begin, end).raw(), xs[i].value().raw(),
                xs[i].value().bytes());
  });
  return record("concat_rows", std::move(y), xs, [](const Sweep& s) {
    Vars gradients(s.in.size());
    for_parts(s.in, 0, [&](std::size_t i, std::int64_t begin, std::int64_t end) {
      if (s.wants(i)) gradients[i] = slice_rows(s.g, begin, end);
    });
    return gradients;
  });
}

Tensor gather(const Tensor& x, const Tensor& index, float scale, float shift) {
  auto shape = gather_shape("gather", x, index);
  shape.scale = scale;
  shape.shift = shift;
  Tensor y(with_extent(x.shape(), 0, shape.rows));
  kernels::gather(current_stream(), shape, x.raw(), index ? index.data<std::int32_t>() : nullptr,
                  y.data());
  return y;
}

Var take_rows(const Var& x, const Tensor& index) {
  const auto shape = gather_shape("take_rows", x.value(), index);
  Tensor y(with_extent(x.shape(), 0, shape.rows));
  kernels::gather(current_stream(), shape, x.value().data(), index.data<std::int32_t>(), y.data());
  return record("take_rows", std::move(y), {x, index}, [](const Sweep& s) {
    return Vars{scatter_rows(s.g, s.in[1].value(), s.in[0].shape()[0]), Var()};
  });
}

Tensor one_hot(const Tensor& labels, int classes, float on, float off) {
  if (labels.shape().rank() != 1 || classes < 1)
    ops::refuse("one_hot",
                to_string(labels.shape()) + " labels of " + std::to_string(classes) + " classes");
  Tensor y({labels.shape()[0], classes});
  kernels::one_hot(current_stream(), labels.shape()[0], classes, on, off,
                   labels.data<std::int32_t>(), y.data());
  return y;
}

Var swap_axes(const Var& x, int a) {
  const Shape& from = x.shape();
  if (a < 0 || a + 1 >= from.rank())
    ops::refuse("swap_axes", to_string(from) + " has no axes " + std::to_string(a) + " and " +
                                 std::to_string(a + 1));
  Tensor y(with_extent(with_extent(from, a, from[a + 1]), a + 1, from[a]));
  kernels::transpose(current_stream(),
                     {product(from, 0, a), from[a], from[a + 1], product(from, a + 2, from.rank())},
                     x.value().data(), y.data());
  return record("swap_axes", std::move(y), {x},
                [a](const Sweep& s) { return Vars{swap_axes(s.g, a)}; });
}

}  // namespace ganymede
