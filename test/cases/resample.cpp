#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::PoolShape;

/// An image in double, N x H x W x C; reads outside give 0.
struct Pixels {
  const DArray& x;
  std::int64_t height() const { return x.shape[1]; }
  std::int64_t width() const { return x.shape[2]; }
  bool inside(std::int64_t h, std::int64_t w) const {
    return h >= 0 && w >= 0 && h < height() && w < width();
  }
  double at(std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c) const {
    return inside(h, w) ? x[((n * height() + h) * width() + w) * x.shape[3] + c] : 0.0;
  }
};

/// y[n,p,q,c] = f(n, p, q, c)
template <class F>
DArray image(const Shape& shape, const F& f) {
  DArray y(shape);
  std::int64_t i = 0;
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t p = 0; p < shape[1]; ++p)
      for (std::int64_t q = 0; q < shape[2]; ++q)
        for (std::int64_t c = 0; c < shape[3]; ++c) y[i++] = f(n, p, q, c);
  return y;
}

Shape output_of(const PoolShape& s) { return {s.batch, s.out_height(), s.out_width(), s.channels}; }

/// Calls f(h, w) for the pixels of an output's window that lie in the image.
template <class F>
void for_window(const PoolShape& s, std::int64_t p, std::int64_t q, const F& f) {
  for (int r = 0; r < s.window_h; ++r)
    for (int t = 0; t < s.window_w; ++t) {
      const std::int64_t h = p * s.stride_h - s.pad_top + r, w = q * s.stride_w - s.pad_left + t;
      if (h >= 0 && w >= 0 && h < s.height && w < s.width) f(h, w);
    }
}

DArray max_pool_oracle(const PoolShape& s, const DArray& x) {
  return image(output_of(s), [&](auto n, auto p, auto q, auto c) {
    double best = -INFINITY;
    for_window(s, p, q, [&](auto h, auto w) { best = std::max(best, Pixels{x}.at(n, h, w, c)); });
    return best;
  });
}

DArray avg_pool_oracle(const PoolShape& s, const DArray& x) {
  return image(output_of(s), [&](auto n, auto p, auto q, auto c) {
    double total = 0.0, count = 0.0;
    for_window(s, p, q, [&](auto h, auto w) { total += Pixels{x}.at(n, h, w, c), count += 1.0; });
    return total / (s.count_include_pad ? s.window_h * s.window_w : count);
  });
}

PoolShape pool_shape(const Shape& x, const PoolGeometry& g) {
  const auto e = [](std::int64_t extent) { return static_cast<int>(extent); };
  return {e(x[0]),  e(x[1]), e(x[2]), e(x[3]), g.window, g.window,           g.stride,
          g.stride, g.pad,   g.pad,   g.pad,   g.pad,    g.count_include_pad};
}

DArray bilinear(const DArray& x, std::int64_t height, std::int64_t width) {
  const Pixels in{x};
  const auto source = [](std::int64_t p, std::int64_t from, std::int64_t to) {
    const double at =
        (static_cast<double>(p) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
    return std::clamp(at, 0.0, static_cast<double>(from - 1));
  };
  return image({x.shape[0], height, width, x.shape[3]}, [&](auto n, auto p, auto q, auto c) {
    const double h = source(p, in.height(), height), w = source(q, in.width(), width);
    const auto h0 = static_cast<std::int64_t>(h), w0 = static_cast<std::int64_t>(w);
    const auto h1 = std::min(h0 + 1, in.height() - 1), w1 = std::min(w0 + 1, in.width() - 1);
    const double a = h - static_cast<double>(h0), b = w - static_cast<double>(w0);
    return (1 - a) * ((1 - b) * in.at(n, h0, w0, c) + b * in.at(n, h0, w1, c)) +
           a * ((1 - b) * in.at(n, h1, w0, c) + b * in.at(n, h1, w1, c));
  });
}

/// The control points of an elastic warp: N x grid x grid x 2.
struct Controls {
  int grid = 0;
  std::vector<float> values;
};

/// The cubic B-spline's basis function.
double basis(double x) {
  const double a = std::fabs(x);
  if (a < 1.0) return 2.0 / 3.0 - a * a + a * a * a / 2.0;
  return a < 2.0 ? std::pow(2.0 - a, 3.0) / 6.0 : 0.0;
}

/// Displacement of pixel (p, q) along an axis: control point k stands at k - 1 cells.
double displaced(const Controls& c, std::int64_t n, double p, double q, double height, double width,
                 int axis) {
  const double cells = c.grid - 3, u = (p + 0.5) * cells / height, v = (q + 0.5) * cells / width;
  double sum = 0.0;
  for (int i = 0; i < c.grid; ++i)
    for (int j = 0; j < c.grid; ++j) {
      const auto at = static_cast<std::size_t>(((n * c.grid + i) * c.grid + j) * 2 + axis);
      sum += basis(u - (i - 1)) * basis(v - (j - 1)) * double{c.values[at]};
    }
  return sum;
}

DArray warped(const DArray& x, const std::vector<float>& matrices, kernels::Fill2d fill,
              const Controls& controls = {}) {
  const Pixels in{x};
  return image(x.shape, [&](auto n, auto p, auto q, auto c) {
    const float* m = &matrices[static_cast<std::size_t>(n) * 6];
    const auto source = [&](int axis) {
      const float* line = m + 3 * axis;
      const auto fp = static_cast<double>(p), fq = static_cast<double>(q);
      return double{line[0]} * fp + double{line[1]} * fq + line[2] +
             displaced(controls, n, fp, fq, static_cast<double>(in.height()),
                       static_cast<double>(in.width()), axis);
    };
    const double h = source(0), w = source(1);
    const auto h0 = static_cast<std::int64_t>(std::floor(h)),
               w0 = static_cast<std::int64_t>(std::floor(w));
    double total = 0.0;
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 2; ++j) {
        std::int64_t r = h0 + i, s = w0 + j;
        const double weight = (1.0 - std::fabs(h - static_cast<double>(r))) *
                              (1.0 - std::fabs(w - static_cast<double>(s)));
        if (fill == kernels::Fill2d::nearest) {
          r = std::clamp<std::int64_t>(r, 0, in.height() - 1);
          s = std::clamp<std::int64_t>(s, 0, in.width() - 1);
        }
        total += weight * in.at(n, r, s, c);
      }
    return total;
  });
}

std::vector<float> drawn(std::int64_t count, double bound, std::uint64_t seed) {
  TestRng rng(seed);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(rng.uniform(-bound, bound)));
  return values;
}

Case linear_case(const std::string& name, const Shape& x, std::function<Var(const Var&)> op,
                 std::function<DArray(const DArray&)> oracle) {
  return {name,
          {{x}},
          [op](const Vars& in) { return op(in[0]); },
          [oracle](const DArrays& in) { return oracle(in[0]); },
          Bound::absolute,
          tolerance::resample};
}

struct Pooled {
  Shape x;
  PoolGeometry geometry;
};
const Pooled pooled[] = {{{2, 4, 6, 3}, {2, 2, 0, false}}, {{1, 5, 7, 2}, {3, 2, 1, false}},
                         {{1, 1, 1, 1}, {1, 1, 0, false}}, {{2, 3, 3, 5}, {3, 1, 1, true}},
                         {{1, 7, 5, 1}, {2, 3, 0, false}}, {{1, 2, 2, 7}, {3, 1, 1, false}}};

}  // namespace

TEST_CASE("resample: pooling", "[resample]") {
  for (const auto& [x, geometry] : pooled) {
    const PoolShape s = pool_shape(x, geometry);
    check(linear_case(
        "avg_pool " + to_string(x), x, [g = geometry](const Var& v) { return avg_pool(v, g); },
        [s](const DArray& v) { return avg_pool_oracle(s, v); }));
    Case most = linear_case(
        "max_pool " + to_string(x), x, [g = geometry](const Var& v) { return max_pool(v, g); },
        [s](const DArray& v) { return max_pool_oracle(s, v); });
    most.inputs[0].distinct = true;
    most.bound = Bound::largest;
    check(most);
  }
}

TEST_CASE("resample: the first of equal maxima takes the gradient", "[resample]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Var x = Var::leaf(Tensor::zeros({1, 2, 2, 1}));
    const Var y = max_pool(x, {});
    CHECK(grad(y, {x})[0].value().host() == std::vector<float>{1, 0, 0, 0});
  });
}

TEST_CASE("resample: pad and crop", "[resample]") {
  const Shape x{2, 3, 5, 3};
  const auto one = [&](int top, int left, int bottom, int right) {
    check(linear_case(
        "pad2d", x, [=](const Var& v) { return pad2d(v, top, left, bottom, right); },
        [=](const DArray& v) {
          return image({2, 3 + top + bottom, 5 + left + right, 3},
                       [&](auto n, auto p, auto q, auto c) {
                         return Pixels{v}.at(n, p - top, q - left, c);
                       });
        }));
  };
  one(1, 2, 3, 0);
  one(-1, -2, 0, -1);
  one(1, -1, -2, 4);
}

TEST_CASE("resample: upsampling and resizing", "[resample]") {
  for (int factor : {1, 2, 3})
    check(linear_case(
        "upsample_nearest " + std::to_string(factor), {2, 3, 2, 3},
        [=](const Var& x) { return upsample_nearest(x, factor); },
        [=](const DArray& x) {
          return image({2, 3 * factor, 2 * factor, 3}, [&](auto n, auto p, auto q, auto c) {
            return Pixels{x}.at(n, p / factor, q / factor, c);
          });
        }));
  for (const auto& [height, width] : {std::pair{7, 5}, {3, 4}, {1, 1}, {2, 9}})
    check(linear_case(
        "resize_bilinear", {2, 3, 4, 3},
        [h = height, w = width](const Var& x) { return resize_bilinear(x, h, w); },
        [h = height, w = width](const DArray& x) { return bilinear(x, h, w); }));
}

TEST_CASE("resample: affine_warp", "[resample]") {
  const std::vector<float> matrices{0.875f, 0.25f, 0.375f, -0.25f, 1.125f, -0.625f,
                                    1.0f,   0.0f,  -1.5f,  0.0f,   -1.0f,  3.25f};
  for (auto fill : {kernels::Fill2d::nearest, kernels::Fill2d::zero})
    check(linear_case(
        "affine_warp", {2, 5, 4, 3},
        [=](const Var& x) {
          return affine_warp(x, Tensor::from(matrices, {2, 6}), fill);
        },
        [=](const DArray& x) { return warped(x, matrices, fill); }));
}

TEST_CASE("resample: elastic_warp", "[resample]") {
  const std::vector<float> matrices{0.875f, 0.25f, 0.375f, -0.25f, 1.125f, -0.625f,
                                    1.0f,   0.0f,  0.0f,   0.0f,   1.0f,   0.0f};
  for (const int grid : {4, 5, 7})
    for (auto fill : {kernels::Fill2d::nearest, kernels::Fill2d::zero}) {
      const Controls controls{grid, drawn(2 * grid * grid * 2, 3.0, 53)};
      Case c = linear_case(
          "elastic_warp " + std::to_string(grid), {2, 5, 4, 3},
          [=](const Var& x) {
            return elastic_warp(x, Tensor::from(matrices, {2, 6}),
                                Tensor::from(controls.values, {2, grid, grid, 2}), fill);
          },
          [=](const DArray& x) { return warped(x, matrices, fill, controls); });
      c.bound = Bound::largest;
      c.k = tolerance::warp;
      check(c);
    }
}

TEST_CASE("resample: equal control points shift the image", "[resample]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const std::vector<float> still{1, 0, 0, 0, 1, 0};
    const std::vector<float> shift{1, 0, 1.5f, 0, 1, 1.5f};
    const Tensor x = Tensor::from(drawn(9 * 7 * 2, 1.0, 59), {1, 9, 7, 2});
    const Tensor controls = Tensor::full({1, 6, 6, 2}, 1.5f);
    const auto fill = kernels::Fill2d::nearest;
    const auto bent = elastic_warp(x, Tensor::from(still, {1, 6}), controls, fill).value().host();
    const auto moved = affine_warp(x, Tensor::from(shift, {1, 6}), fill).value().host();
    for (std::size_t i = 0; i < moved.size(); ++i)
      CHECK(std::fabs(bent[i] - moved[i]) <= tolerance::warp * tolerance::eps);
  });
}

TEST_CASE("resample: what moves an image may not change before its gradient", "[resample]") {
  const Var x = Var::leaf(Tensor::zeros({1, 3, 3, 1}));
  Tensor matrices = Tensor::zeros({1, 6}), controls = Tensor::zeros({1, 4, 4, 2});
  const Var y = elastic_warp(x, matrices, controls, kernels::Fill2d::zero);
  controls.assign(std::vector<float>(32, 1.0f));
  CHECK_THROWS_AS(grad(sum(y), {x}), UsageError);
}

namespace {

/// <A x, y> = <x, A' y> with guards; forward(x, y) and adjoint(y, x) fill their last argument.
template <class Forward, class Adjoint>
void check_adjoint(const std::string& what, const Shape& from, const Shape& to,
                   const Forward& forward, const Adjoint& adjoint) {
  TestRng rng(41);
  const DArray x = rng.array(from), y = rng.array(to);
  Sentinels buffers(what);
  float *image_y = buffers.output(to.elements()), *image_x = buffers.output(from.elements());
  forward(buffers.input(to_float(x)), image_y);
  adjoint(buffers.input(to_float(y)), image_x);
  const auto fy = buffers.read(image_y), fx = buffers.read(image_x);
  const double a = dot(to_double(fy, to), y), b = dot(x, to_double(fx, from));
  INFO(what);
  CHECK(std::fabs(a - b) <= tolerance::resample * tolerance::eps *
                                static_cast<double>(from.elements() + to.elements()));
}

void check_pools(const PoolShape& s, const std::string& backend) {
  const Shape from{s.batch, s.height, s.width, s.channels}, to = output_of(s);
  const std::string what = to_string(from) + " to " + to_string(to) + " on " + backend;
  Stream& stream = current_stream();
  check_adjoint(
      "avg_pool " + what, from, to,
      [&](const float* x, float* y) { kernels::avg_pool(stream, s, x, y); },
      [&](const float* y, float* x) { kernels::avg_pool_grad(stream, s, y, x); });
  TestRng rng(43);
  const DArray x = rng.array(from);
  Sentinels buffers("max_pool " + what);
  float* y = buffers.output(to.elements());
  auto* index = buffers.output<std::int32_t>(to.elements());
  kernels::max_pool(stream, s, buffers.input(to_float(x)), y, index);
  const DArray want = max_pool_oracle(s, x);
  compare("max_pool " + what, buffers.read(y), expect(want, want), tolerance::exact);
  check_adjoint(
      "pool_take " + what, from, to,
      [&](const float* a, float* b) { kernels::pool_take(stream, s, a, index, b); },
      [&](const float* b, float* a) { kernels::pool_put(stream, s, b, index, a); });
}

void check_maps(const Shape& x, const std::string& backend) {
  const auto e = [&](int axis) { return static_cast<int>(x[axis]); };
  const std::string what = to_string(x) + " on " + backend;
  Stream& stream = current_stream();
  const kernels::ResizeShape resize{e(0), e(1), e(2), e(3), 5, 3};
  const Shape to{x[0], 5, 3, x[3]};
  check_adjoint(
      "resize_bilinear " + what, x, to,
      [&](const float* a, float* b) { kernels::resize_bilinear(stream, resize, a, b); },
      [&](const float* b, float* a) { kernels::resize_bilinear_grad(stream, resize, b, a); });
  check_adjoint(
      "upsample_nearest " + what, x, to,
      [&](const float* a, float* b) { kernels::upsample_nearest(stream, resize, a, b); },
      [&](const float* b, float* a) { kernels::upsample_nearest_grad(stream, resize, b, a); });
  const kernels::PadShape pad{e(0), e(1), e(2), e(3), 1, 0, 2, 3};
  const Shape wide{x[0], pad.out_height(), pad.out_width(), x[3]};
  const kernels::PadShape crop{e(0), pad.out_height(), pad.out_width(), e(3), -1, 0, -2, -3};
  check_adjoint(
      "pad2d " + what, x, wide,
      [&](const float* a, float* b) { kernels::pad2d(stream, pad, a, b); },
      [&](const float* b, float* a) { kernels::pad2d(stream, crop, b, a); });
  const std::vector<float> matrices = drawn(x[0] * 6, 1.5, 47);
  constexpr int grid = 5;
  for (auto fill : {kernels::Fill2d::nearest, kernels::Fill2d::zero}) {
    const kernels::WarpShape warp{e(0), e(1), e(2), e(3), fill, grid};
    Sentinels buffers("warp matrices and controls");
    const float* m = buffers.input(matrices);
    const float* d = buffers.input(drawn(x[0] * grid * grid * 2, 2.0, 61));
    check_adjoint(
        "affine_warp " + what, x, x,
        [&](const float* a, float* b) { kernels::affine_warp(stream, warp, a, m, b); },
        [&](const float* b, float* a) { kernels::affine_warp_grad(stream, warp, b, m, a); });
    check_adjoint(
        "elastic_warp " + what, x, x,
        [&](const float* a, float* b) { kernels::elastic_warp(stream, warp, a, m, d, b); },
        [&](const float* b, float* a) { kernels::elastic_warp_grad(stream, warp, b, m, d, a); });
  }
}

}  // namespace

TEST_CASE("resample: extents, adjoints and guards", "[resample]") {
  on_each_backend([](const std::string& backend) {
    for (const auto& [x, geometry] : pooled) check_pools(pool_shape(x, geometry), backend);
    PoolShape uneven{1, 6, 5, 31, 3, 2, 2, 3, 0, 1, 2, 0};
    check_pools(uneven, backend);
    for (const Shape& x : {Shape{1, 1, 1, 1}, Shape{2, 3, 7, 5}, Shape{1, 5, 3, 129}})
      check_maps(x, backend);
  });
}
