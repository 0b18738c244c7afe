#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/kernels/copy.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using Ints = std::vector<std::int32_t>;

/// Joins along the last axis, seen as rows x width.
DArray concat_oracle(const DArrays& in) {
  Shape shape = in[0].shape;
  std::int64_t width = 0;
  for (const DArray& x : in) width += x.shape[-1];
  shape.set(-1, width);
  DArray y(shape);
  std::int64_t begin = 0;
  for (const DArray& x : in) {
    const std::int64_t w = x.shape[-1];
    for (std::int64_t i = 0; i < x.elements(); ++i) y[i / w * width + begin + i % w] = x[i];
    begin += w;
  }
  return y;
}

Oracle rows_oracle(const Ints& index) {
  return [index](const DArrays& in) {
    Shape shape = in[0].shape;
    const std::int64_t width = in[0].elements() / shape[0];
    shape.set(0, static_cast<std::int64_t>(index.size()));
    DArray y(shape);
    for (std::int64_t i = 0; i < y.elements(); ++i)
      y[i] = in[0][index[static_cast<std::size_t>(i / width)] * width + i % width];
    return y;
  };
}

Oracle channels_oracle(std::int64_t begin, std::int64_t end) {
  return [=](const DArrays& in) {
    Shape shape = in[0].shape;
    const std::int64_t from = shape[-1], width = end - begin;
    shape.set(-1, width);
    DArray y(shape);
    for (std::int64_t i = 0; i < y.elements(); ++i)
      y[i] = in[0][i / width * from + begin + i % width];
    return y;
  };
}

}  // namespace

TEST_CASE("copy: joining and slicing", "[copy]") {
  check({"concat",
         {{{2, 3, 2}}, {{2, 3, 5}}, {{2, 3, 1}}},
         [](const Vars& in) { return concat(in); },
         concat_oracle});
  check({"slice_channels",
         {{{2, 3, 7}}},
         [](const Vars& in) { return slice_channels(in[0], 2, 5); },
         channels_oracle(2, 5)});
  check({"slice_rows",
         {{{5, 3, 2}}},
         [](const Vars& in) { return slice_rows(in[0], 1, 3); },
         rows_oracle({1, 2})});
  check({"slice_rows, the first",
         {{{5, 3}}},
         [](const Vars& in) { return slice_rows(in[0], 0, 1); },
         rows_oracle({0})});
  check({"concat_rows",
         {{{2, 3}}, {{1, 3}}, {{4, 3}}},
         [](const Vars& in) { return concat_rows(in); },
         [](const DArrays& in) {
           DArray y({7, 3});
           std::int64_t i = 0;
           for (const DArray& x : in)
             for (double v : x.v) y[i++] = v;
           return y;
         }});
}

TEST_CASE("copy: take_rows adds up what is taken twice", "[copy]") {
  const Ints index{3, 0, 3, 3, 1};
  check({"take_rows",
         {{{4, 7}}},
         [index](const Vars& in) { return take_rows(in[0], Tensor::from(index, {5})); },
         rows_oracle(index)});
}

TEST_CASE("copy: swap_axes", "[copy]") {
  for (int a : {0, 1, 2})
    check({"swap_axes " + std::to_string(a),
           {{{2, 3, 5, 7}}},
           [a](const Vars& in) { return swap_axes(in[0], a); },
           [a](const DArrays& in) {
             Shape shape = in[0].shape;
             const std::int64_t rows = shape[a], columns = shape[a + 1];
             std::int64_t inner = 1;
             for (int i = a + 2; i < 4; ++i) inner *= shape[i];
             shape.set(a, columns);
             shape.set(a + 1, rows);
             DArray y(shape);
             for (std::int64_t i = 0; i < y.elements(); ++i) {
               const std::int64_t outer = i / inner / rows / columns,
                                  c = i / inner / rows % columns, r = i / inner % rows;
               y[i] = in[0][((outer * rows + r) * columns + c) * inner + i % inner];
             }
             return y;
           }});
}

TEST_CASE("copy: slice_rows and reshape share memory", "[copy]") {
  const Var x = Tensor::zeros({4, 3});
  CHECK(slice_rows(x, 1, 2).value().data() == x.value().data() + 3);
}

TEST_CASE("copy: gather converts every dtype", "[copy]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Tensor index = Tensor::from(Ints{2, 0, 5, -1}, {4});
    const std::vector<float> want{4.5f, 5.5f, 0.5f, 1.5f};
    const auto expect_rows = [&](const Tensor& x) {
      const auto y = gather(x, index, 0.5f, 0.5f).host();
      for (std::size_t i = 0; i < 4; ++i) CHECK(y[i] == want[i]);
      for (std::size_t i = 4; i < 8; ++i) CHECK(std::isnan(y[i]));  // index out of range shows
    };
    expect_rows(Tensor::from(std::vector<float>{0, 2, 4, 6, 8, 10}, {3, 2}));
    expect_rows(Tensor::from(std::vector<std::uint8_t>{0, 2, 4, 6, 8, 10}, {3, 2}));
    expect_rows(Tensor::from(std::vector<std::uint16_t>{0, 2, 4, 6, 8, 10}, {3, 2}));
    expect_rows(Tensor::from(Ints{0, 2, 4, 6, 8, 10}, {3, 2}));
    const Tensor all = gather(Tensor::from(std::vector<std::uint8_t>{0, 128, 255}, {3, 1}), {},
                              1.0f / 127.5f, -1.0f);
    CHECK(all.host()[0] == -1.0f);
    CHECK(all.host()[2] == Approx(1.0f).margin(1e-7));
  });
}

TEST_CASE("copy: one_hot", "[copy]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Tensor y = one_hot(Tensor::from(Ints{1, 2, 0}, {3}), 3, 0.9f, 0.05f);
    CHECK(y.host() ==
          std::vector<float>{0.05f, 0.9f, 0.05f, 0.05f, 0.05f, 0.9f, 0.9f, 0.05f, 0.05f});
  });
}

namespace {

void check_columns(const kernels::Columns& c, const std::string& backend) {
  const std::string what =
      "copy_columns " + std::to_string(c.rows) + "x" + std::to_string(c.width) + " on " + backend;
  TestRng rng(53);
  const auto from = to_float(rng.array({c.rows * c.from_stride}));
  auto to = to_float(rng.array({c.rows * c.to_stride}));
  Sentinels buffers(what);
  float* y = buffers.state(to);
  kernels::copy_columns(current_stream(), c, buffers.input(from), y);
  for (std::int64_t i = 0; i < c.rows; ++i)
    for (std::int64_t j = 0; j < c.width; ++j) {
      const float x = from[static_cast<std::size_t>(i * c.from_stride + j)];
      float& at = to[static_cast<std::size_t>(i * c.to_stride + j)];
      at = c.accumulate ? at + x : x;
    }
  INFO(what);
  CHECK(buffers.read(y) == to);
}

void check_gather(std::int64_t rows, std::int64_t width, const std::string& backend) {
  const std::string what =
      "gather " + std::to_string(rows) + "x" + std::to_string(width) + " on " + backend;
  const std::int64_t sources = 3;
  TestRng rng(59);
  const DArray x = rng.array({sources, width}), g = rng.array({rows, width});
  Ints index;
  for (std::int64_t i = 0; i < rows; ++i)
    index.push_back(static_cast<std::int32_t>(rng.bits() % 3));
  const kernels::GatherRows s{rows, width, sources, DType::f32};
  Sentinels buffers(what);
  float *y = buffers.output(rows * width), *back = buffers.output(sources * width);
  const auto* at = buffers.input(index);
  kernels::gather(current_stream(), s, buffers.input(to_float(x)), at, y);
  kernels::scatter(current_stream(), s, buffers.input(to_float(g)), at, back);
  const DArray want = rows_oracle(index)({x});
  compare(what, buffers.read(y), expect(want, want), tolerance::exact);
  DArray sums(x.shape), terms(x.shape);
  for (std::int64_t i = 0; i < g.elements(); ++i) {
    const std::int64_t to = index[static_cast<std::size_t>(i / width)] * width + i % width;
    sums[to] += g[i], terms[to] += std::fabs(g[i]);
  }
  compare("scatter, " + what, buffers.read(back), expect(sums, terms), tolerance::reduce);
}

void check_transpose(const kernels::Transpose& t, const std::string& backend) {
  const std::int64_t count = t.outer * t.rows * t.columns * t.inner;
  TestRng rng(61);
  const auto x = to_float(rng.array({count}));
  std::vector<float> want;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t outer = i / t.inner / t.rows / t.columns,
                       c = i / t.inner / t.rows % t.columns, r = i / t.inner % t.rows;
    want.push_back(x[static_cast<std::size_t>(((outer * t.rows + r) * t.columns + c) * t.inner +
                                              i % t.inner)]);
  }
  Sentinels buffers("transpose on " + backend);
  float* y = buffers.output(count);
  kernels::transpose(current_stream(), t, buffers.input(x), y);
  INFO(backend << " " << t.outer << " " << t.rows << " " << t.columns << " " << t.inner);
  CHECK(buffers.read(y) == want);
}

}  // namespace

TEST_CASE("copy: extents and guards", "[copy]") {
  on_each_backend([](const std::string& backend) {
    check_columns({1, 1, 1, 1}, backend);
    check_columns({7, 3, 5, 3}, backend);
    check_columns({31, 5, 5, 8}, backend);
    check_columns({3, 129, 129, 131, true}, backend);
    check_gather(1, 1, backend);
    check_gather(31, 7, backend);
    check_gather(5, 129, backend);
    check_transpose({1, 1, 1, 1}, backend);
    check_transpose({2, 31, 7, 1}, backend);
    check_transpose({3, 5, 33, 3}, backend);
    check_transpose({1, 65, 67, 1}, backend);
    Sentinels buffers("one_hot on " + backend);
    float* y = buffers.output(5 * 3);
    kernels::one_hot(current_stream(), 5, 3, 1.0f, 0.0f, buffers.input(Ints{0, 1, 2, 1, 0}), y);
    CHECK(buffers.read(y) == std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0});
  });
}

namespace {

/// Parts side by side and taken apart again; of every third nobody wants the columns.
void check_parts(std::int64_t rows, const std::vector<std::int64_t>& widths,
                 const std::string& backend) {
  const std::string what = "parts, " + std::to_string(rows) + " rows of " +
                           std::to_string(widths.size()) + " on " + backend;
  INFO(what);
  Sentinels buffers(what);
  TestRng rng(7);
  std::vector<std::vector<float>> values;
  std::vector<kernels::ColumnPart<const float>> parts;
  std::int64_t width = 0;
  for (const std::int64_t channels : widths) {
    values.push_back(to_float(rng.array({rows, channels})));
    parts.push_back({buffers.input(values.back()), channels});
    width += channels;
  }
  float* wide = buffers.output(rows * width);
  kernels::join_columns(current_stream(), rows, parts, wide);
  std::vector<float> want;
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::size_t p = 0; p < widths.size(); ++p)
      for (std::int64_t c = 0; c < widths[p]; ++c)
        want.push_back(values[p][std::size_t(row * widths[p] + c)]);
  CHECK(buffers.read(wide) == want);

  std::vector<kernels::ColumnPart<float>> again;
  for (std::size_t p = 0; p < widths.size(); ++p)
    again.push_back({p % 3 == 2 ? nullptr : buffers.output(rows * widths[p]), widths[p]});
  kernels::split_columns(current_stream(), rows, again, wide);
  for (std::size_t p = 0; p < widths.size(); ++p)
    if (again[p].data) CHECK(buffers.read(again[p].data) == values[p]);
}

}  // namespace

TEST_CASE("copy: matrices side by side", "[copy]") {
  on_each_backend([](const std::string& backend) {
    check_parts(1, {1}, backend);
    check_parts(7, {3, 1, 5}, backend);
    check_parts(67, {13, 2, 4, 1}, backend);
    check_parts(3, std::vector<std::int64_t>(131, 2), backend);  // more than a launch takes
    if (!backend.starts_with("emulated")) check_parts(4099, {64, 32, 17}, backend);
  });
}
