#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/reduce.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

/// The flat index in `small` of element i of `full`, aligned at the innermost axis.
std::int64_t aligned(const Shape& full, const Shape& small, std::int64_t i) {
  std::int64_t index = 0, stride = 1;
  for (int axis = 1; axis <= full.rank(); ++axis) {
    const std::int64_t at = i % full[-axis];
    i /= full[-axis];
    if (axis > small.rank()) continue;
    if (small[-axis] != 1) index += at * stride;
    stride *= small[-axis];
  }
  return index;
}

Oracle sum_oracle(const Shape& to, double factor) {
  return [=](const DArrays& in) {
    DArray y(to);
    for (std::int64_t i = 0; i < in[0].elements(); ++i)
      y[aligned(in[0].shape, to, i)] += factor * in[0][i];
    return y;
  };
}

Oracle expand_oracle(const Shape& to, double factor) {
  return [=](const DArrays& in) {
    DArray y(to);
    for (std::int64_t i = 0; i < y.elements(); ++i)
      y[i] = factor * in[0][aligned(to, in[0].shape, i)];
    return y;
  };
}

DArray log_softmax_oracle(const DArrays& in) {
  DArray y = in[0];
  const std::int64_t width = y.shape[1];
  for (std::int64_t row = 0; row < y.shape[0]; ++row) {
    double total = 0.0;
    for (std::int64_t j = 0; j < width; ++j) total += std::exp(in[0][row * width + j]);
    for (std::int64_t j = 0; j < width; ++j) y[row * width + j] -= std::log(total);
  }
  return y;
}

struct Pair {
  Shape full, small;
};
const Pair pairs[] = {
    {{7}, {}},
    {{1}, {}},
    {{3, 5}, {5}},
    {{3, 5}, {3, 1}},
    {{3, 5}, {1, 1}},
    {{2, 3, 5, 7}, {7}},
    {{2, 3, 5, 7}, {2, 1, 1, 7}},
    {{2, 3, 5, 7}, {3, 1, 7}},
    {{2, 1, 3, 1, 5}, {2, 1, 1, 1, 5}},
    {{129, 3}, {3}},
    {{3, 129}, {3, 1}},
    {{2, 3, 2, 3, 2, 3}, {1, 3, 1, 3, 1, 3}},
    {{3, 4}, {1, 3, 4}},
};

}  // namespace

TEST_CASE("reduce: sum_to and expand", "[reduce]") {
  for (const auto& [full, small] : pairs) {
    if (small.rank() > full.rank()) continue;
    const std::string name = to_string(full) + " and " + to_string(small);
    check({"sum_to, " + name,
           {{full}},
           [to = small](const Vars& in) { return sum_to(in[0], to, 0.5f); },
           sum_oracle(small, 0.5),
           Bound::absolute,
           tolerance::reduce});
    check({"expand, " + name,
           {{small}},
           [to = full](const Vars& in) { return expand(in[0], to, 0.5f); },
           expand_oracle(full, 0.5),
           Bound::absolute,
           tolerance::reduce});
  }
}

TEST_CASE("reduce: sums with names", "[reduce]") {
  const Shape image{2, 3, 5, 7};
  const auto one = [&](const char* name, auto op, const Oracle& oracle) {
    check({name,
           {{image}},
           [op](const Vars& in) { return op(in[0]); },
           oracle,
           Bound::absolute,
           tolerance::reduce});
  };
  one("sum", sum, sum_oracle({}, 1.0));
  one("mean", mean, sum_oracle({}, 1.0 / 210.0));
  one("spatial_mean", spatial_mean, [](const DArrays& in) {
    DArray y = sum_oracle({2, 1, 1, 7}, 1.0 / 15.0)(in);
    y.shape = {2, 7};
    return y;
  });
  one("sum_samples", sum_samples, [](const DArrays& in) {
    DArray y = sum_oracle({2, 1, 1, 1}, 1.0)(in);
    y.shape = {2};
    return y;
  });
  one("flatten", flatten, [](const DArrays& in) {
    DArray y = in[0];
    y.shape = {2, 105};
    return y;
  });
}

TEST_CASE("reduce: log_softmax", "[reduce]") {
  for (const Shape& shape : {Shape{3, 5}, Shape{1, 1}, Shape{7, 2}, Shape{2, 129}})
    check({"log_softmax " + to_string(shape),
           {{shape, -3.0, 3.0}},
           [](const Vars& in) { return log_softmax(in[0]); },
           log_softmax_oracle,
           Bound::largest,
           4 * tolerance::reduce});
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Var x = Tensor::from(std::vector<float>{1000.0f, 0.0f, -1000.0f, -1000.0f}, {2, 2});
    const auto y = log_softmax(x).value().host();
    CHECK(y[0] == 0.0f);
    CHECK(y[1] == -1000.0f);
    CHECK(y[2] == Approx(-std::log(2.0)));
  });
}

TEST_CASE("reduce: argmax takes the first maximum", "[reduce]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Tensor x = Tensor::from(std::vector<float>{1, 3, 3, -1, -2, -1, 0, 0, 0}, {3, 3});
    CHECK(argmax(x).host<std::int32_t>() == std::vector<std::int32_t>{1, 0, 0});
    std::vector<float> wide(3 * 129, -1.0f);
    wide[128] = 2.0f, wide[129 + 64] = wide[129 + 100] = 1.0f;
    CHECK(argmax(Tensor::from(wide, {3, 129})).host<std::int32_t>() ==
          std::vector<std::int32_t>{128, 64, 0});
  });
}

namespace {

kernels::Axes axes(std::initializer_list<std::pair<std::int64_t, bool>> list) {
  kernels::Axes a;
  for (const auto& [extent, reduced] : list) {
    a.extent[a.rank] = extent;
    a.reduced[a.rank++] = reduced;
  }
  return a;
}

Shape full_shape(const kernels::Axes& a) {
  return Shape(std::span(a.extent, static_cast<std::size_t>(a.rank)));
}
Shape kept_shape(const kernels::Axes& a) {
  Shape s = full_shape(a);
  for (int i = 0; i < a.rank; ++i)
    if (a.reduced[i]) s.set(i, 1);
  return s;
}

void check_axes(const kernels::Axes& a, const std::string& backend) {
  const Shape full = full_shape(a), kept = kept_shape(a);
  const std::string what = to_string(full) + " to " + to_string(kept) + " on " + backend;
  TestRng rng(3);
  const DArray x = rng.array(full), small = rng.array(kept);
  Sentinels buffers(what);
  float* y = buffers.output(kept.elements());
  kernels::sum_to(current_stream(), a, 2.0f, buffers.input(to_float(x)), y);
  compare("sum_to " + what, buffers.read(y),
          expect(sum_oracle(kept, 2.0)({x}), sum_oracle(kept, 2.0)({absolute(x)})),
          tolerance::reduce);
  float* z = buffers.output(full.elements());
  kernels::expand(current_stream(), a, 2.0f, buffers.input(to_float(small)), z);
  const DArray want = expand_oracle(full, 2.0)({small});
  compare("expand " + what, buffers.read(z), expect(want, absolute(want)), tolerance::reduce);
}

}  // namespace

TEST_CASE("reduce: axes and guards", "[reduce]") {
  on_each_backend([](const std::string& backend) {
    check_axes(axes({{1, true}}), backend);
    check_axes(axes({{1, false}}), backend);
    check_axes(axes({{1031, true}}), backend);
    check_axes(axes({{5, true}, {129, false}}), backend);
    check_axes(axes({{129, true}, {5, false}}), backend);
    check_axes(axes({{257, true}, {1, false}}), backend);
    check_axes(axes({{3, false}, {257, true}}), backend);
    check_axes(axes({{3, true}, {31, false}, {7, true}}), backend);
    check_axes(axes({{3, false}, {31, true}, {7, false}}), backend);
    check_axes(axes({{67, true}, {3, false}, {131, true}}), backend);
    check_axes(axes({{1, false}, {2, true}, {3, false}, {1, true}, {5, true}, {7, false}}),
               backend);
  });
}

TEST_CASE("reduce: row kernels and guards", "[reduce]") {
  on_each_backend([](const std::string& backend) {
    for (const auto& [rows, width] : {std::pair{1, 1}, {3, 7}, {5, 129}, {31, 3}}) {
      const std::string what =
          std::to_string(rows) + "x" + std::to_string(width) + " on " + backend;
      TestRng rng(5);
      const DArray x = rng.array({rows, width}, -2.0, 2.0);
      Sentinels buffers(what);
      float *y = buffers.output(rows * width), *top = buffers.output(rows);
      auto* index = buffers.output<std::int32_t>(rows);
      const float* in = buffers.input(to_float(x));
      kernels::log_softmax(current_stream(), rows, width, in, y);
      kernels::row_max(current_stream(), rows, width, in, top, index);
      const DArray want = log_softmax_oracle({x});
      compare("log_softmax " + what, buffers.read(y), expect(want, DArray(x.shape, 8.0)),
              tolerance::reduce);
      const auto highest = buffers.read(top);
      const auto at = buffers.read(index);
      for (std::size_t i = 0; i < at.size(); ++i)
        CHECK(highest[i] ==
              x.v[i * static_cast<std::size_t>(width) + static_cast<std::size_t>(at[i])]);
    }
  });
}
