#include <catch2/catch.hpp>
#include <utility>

#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/norm.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/norm_oracle.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr float epsilon = 1e-2f;
constexpr double slope = 0.25;

const Oracle batch_norm_expected = batch_norm_oracle(epsilon);
const Oracle layer_norm_expected = layer_norm_oracle(epsilon);

DArray leaky(DArray y) { return leaky_relu_oracle(std::move(y), slope); }

std::vector<Input> norm_inputs(const Shape& x) {
  return {{x, -1.0, 1.0}, {{x[-1]}, 0.5, 1.5}, {{x[-1]}}};
}

}  // namespace

TEST_CASE("norm: batch_norm", "[norm]") {
  for (const Shape& shape : {Shape{7, 3}, Shape{2, 3, 5, 2}, Shape{5, 1}})
    check({"batch_norm " + to_string(shape), norm_inputs(shape),
           [](const Vars& in) { return batch_norm(in[0], in[1], in[2], epsilon).y; },
           batch_norm_expected, Bound::largest, tolerance::norm});
  check({"batch_norm, leaky_relu", norm_inputs({2, 3, 3, 3}),
         [](const Vars& in) {
           return batch_norm(in[0], in[1], in[2], epsilon, Activation::leaky_relu, slope).y;
         },
         [](const DArrays& in) { return leaky(batch_norm_expected(in)); }, Bound::largest,
         tolerance::norm});
  check({"batch_norm, addend, leaky_relu",
         {{{2, 3, 3, 3}, -1.0, 1.0}, {{3}, 0.5, 1.5}, {{3}}, {{2, 3, 3, 3}}},
         [](const Vars& in) {
           return batch_norm(in[0], in[1], in[2], epsilon, Activation::leaky_relu, slope, nullptr,
                             in[3])
               .y;
         },
         [](const DArrays& in) { return leaky(plus(batch_norm_expected(in), in[3])); },
         Bound::largest,
         tolerance::norm});
  check({"batch_norm without gamma and beta",
         {{{7, 3}}},
         [](const Vars& in) { return batch_norm(in[0], {}, {}, epsilon).y; },
         batch_norm_expected,
         Bound::largest,
         tolerance::norm});
}

TEST_CASE("norm: batch_norm_inference", "[norm]") {
  const std::vector<float> mean{0.25f, -0.5f, 0.0f}, variance{1.0f, 0.25f, 2.0f};
  const auto affine = [=](const DArrays& in) {
    DArray y = in[0];
    for (std::int64_t i = 0; i < y.elements(); ++i) {
      const auto c = static_cast<std::size_t>(i % 3);
      y[i] = normalised(in, i, {mean[c], variance[c]}, epsilon);
    }
    return y;
  };
  check({"batch_norm_inference", norm_inputs({2, 3, 1, 3}),
         [=](const Vars& in) {
           return batch_norm_inference(in[0], in[1], in[2], Tensor::from(mean, {3}),
                                       Tensor::from(variance, {3}), epsilon, Activation::leaky_relu,
                                       slope);
         },
         [=](const DArrays& in) { return leaky(affine(in)); }, Bound::largest, tolerance::norm});
  auto with_addend = norm_inputs({2, 3, 1, 3});
  with_addend.push_back({{2, 3, 1, 3}});
  check({"batch_norm_inference, addend", with_addend,
         [=](const Vars& in) {
           return batch_norm_inference(in[0], in[1], in[2], Tensor::from(mean, {3}),
                                       Tensor::from(variance, {3}), epsilon, Activation::leaky_relu,
                                       slope, in[3]);
         },
         [=](const DArrays& in) { return leaky(plus(affine(in), in[3])); }, Bound::largest,
         tolerance::norm});
}

TEST_CASE("norm: layer_norm", "[norm]") {
  for (const Shape& shape : {Shape{3, 7}, Shape{2, 3, 5, 2}, Shape{1, 1, 1, 5}})
    check({"layer_norm " + to_string(shape), norm_inputs(shape),
           [](const Vars& in) { return layer_norm(in[0], in[1], in[2], epsilon); },
           layer_norm_expected, Bound::largest, tolerance::norm});
  check({"layer_norm without gamma and beta",
         {{{2, 3, 2, 2}}},
         [](const Vars& in) { return layer_norm(in[0], {}, {}, epsilon); },
         layer_norm_expected,
         Bound::largest,
         tolerance::norm});
}

TEST_CASE("norm: third derivatives of a fused operation", "[norm]") {
  // d/dx of |d/dx <u, d/dx sum(y^2 v)>|^2-like chains, held against differences of the second
  // order.
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(23);
    const Shape shape{2, 3, 2, 2};
    const DArray x0 = rng.array(shape), u = rng.array(shape), v = rng.array(shape),
                 direction = rng.array(shape);
    const auto second = [&](const Var& x) {
      const Var y = layer_norm(x, {}, {}, 0.5f);
      const Var first =
          grad(sum(mul(square(y), Tensor::from(to_float(u), shape))), {x}, {{}, true})[0];
      return grad(sum(mul(square(first), Tensor::from(to_float(v), shape))), {x}, {{}, true})[0];
    };
    const Var x = Var::leaf(Tensor::from(to_float(x0), shape));
    const Var s = second(x);
    const Var third = grad(sum(square(s)), {x})[0];
    const auto value_at = [&](double t) {
      DArray moved = x0;
      for (std::int64_t i = 0; i < moved.elements(); ++i) moved[i] += t * direction[i];
      const auto g = second(Var::leaf(Tensor::from(to_float(moved), shape))).value().host();
      double total = 0.0;
      for (float e : g) total += double{e} * e;
      return total;
    };
    const double slope_along = derivative(value_at, 0.02);
    CHECK(dot(to_double(third.value().host(), shape), direction) ==
          Approx(slope_along).epsilon(2e-3));
  });
}

namespace {

using kernels::BatchNormShape;
using kernels::LayerNormShape;

/// Gradients of <f(in), gy> by each input, at about sixty coordinates each, by differences.
std::vector<Expected> gradients(const Oracle& f, const DArrays& in, const DArray& gy,
                                double terms) {
  std::vector<Expected> result(in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    for (std::int64_t j = 0; j < in[i].elements(); j += 1 + in[i].elements() / 61) {
      result[i].at.push_back(j);
      result[i].bound.push_back(terms);
      result[i].value.push_back(derivative(
          [&](double h) {
            DArrays at = in;
            at[i][j] += h;
            return dot(f(at), gy);
          },
          5e-4));
    }
  return result;
}

void compare_near(const std::string& what, const std::vector<float>& got, const DArray& want,
                  double terms) {
  compare(what, got, expect(want, DArray(want.shape, terms)), tolerance::norm);
}
void compare_near(const std::string& what, const std::vector<float>& got, const Expected& want) {
  compare(what, got, want, tolerance::norm);
}

void check_batch_norm(std::int64_t rows, std::int64_t channels, const std::string& backend) {
  const std::string what =
      "batch_norm " + std::to_string(rows) + "x" + std::to_string(channels) + " on " + backend;
  TestRng rng(29);
  const DArrays in{rng.array({rows, channels}), rng.array({channels}, 0.5, 1.5),
                   rng.array({channels}, 4.0, 5.0)};  // far from leaky_relu's kink
  const DArray gy = rng.array({rows, channels});
  const BatchNormShape s{rows, channels, epsilon, kernels::Activation::leaky_relu, 0.25f};
  const Oracle f = [](const DArrays& at) { return leaky(batch_norm_expected(at)); };
  const auto want = gradients(f, in, gy, 10.0 * static_cast<double>(rows));
  Sentinels buffers(what);
  const float *x = buffers.input(to_float(in[0])), *gamma = buffers.input(to_float(in[1])),
              *beta = buffers.input(to_float(in[2])), *g = buffers.input(to_float(gy));
  float *y = buffers.output(rows * channels), *mean = buffers.output(channels),
        *variance = buffers.output(channels);
  const DArray before = rng.array({2, channels}, 0.5, 1.5);
  float* moving = buffers.output(2 * channels);
  Stream& stream = current_stream();
  const std::vector<float> start = to_float(before);
  copy_to_device(stream, moving, start.data(), sizeof(float) * start.size());
  const kernels::MovingStatistics averages{moving, moving + channels, 0.75f, 1.5f};
  kernels::batch_norm(stream, s, x, gamma, beta, nullptr, y, mean, variance, averages);
  compare_near(what, buffers.read(y), f(in), 8.0);
  const std::vector<float> of_batch[] = {buffers.read(mean), buffers.read(variance)};
  const std::vector<float> after = buffers.read(moving);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool is_mean = i < std::size_t(channels);
    const float value = of_batch[is_mean ? 0 : 1][i % std::size_t(channels)];
    CHECK(after[i] == Approx(0.75 * before[std::int64_t(i)] + 0.25 * (is_mean ? 1.0 : 1.5) * value)
                          .epsilon(1e-5));
  }
  float *gx = buffers.output(rows * channels), *ggamma = buffers.output(channels),
        *gbeta = buffers.output(channels), *only = buffers.output(rows * channels);
  kernels::batch_norm_grad(stream, s, x, gamma, beta, mean, variance, g, gx, ggamma, gbeta);
  compare_near(what + ", gx", buffers.read(gx), want[0]);
  compare_near(what + ", ggamma", buffers.read(ggamma), want[1]);
  compare_near(what + ", gbeta", buffers.read(gbeta), want[2]);
  kernels::batch_norm_grad(stream, s, x, gamma, beta, mean, variance, g, only, nullptr, nullptr);
  compare_near(what + ", gx alone", buffers.read(only), want[0]);
  float *gamma_only = buffers.output(channels), *inference = buffers.output(rows * channels),
        *joined = buffers.output(rows * channels);
  kernels::batch_norm_grad(stream, s, x, gamma, beta, mean, variance, g, nullptr, gamma_only,
                           nullptr);
  compare_near(what + ", ggamma alone", buffers.read(gamma_only), want[1]);
  kernels::batch_norm_inference(stream, s, x, gamma, beta, nullptr, mean, variance, inference);
  compare_near(what + ", inference", buffers.read(inference), f(in), 4.0);
  const DArray sum = leaky(plus(batch_norm_expected(in), gy));
  kernels::batch_norm(stream, s, x, gamma, beta, g, joined, mean, variance, {});
  compare_near(what + ", addend", buffers.read(joined), sum, 8.0);
  kernels::batch_norm_inference(stream, s, x, gamma, beta, g, mean, variance, inference);
  compare_near(what + ", inference, addend", buffers.read(inference), sum, 4.0);
}

void check_layer_norm(std::int64_t rows, std::int64_t pixels, std::int64_t channels,
                      const std::string& backend) {
  const std::string what = "layer_norm " + std::to_string(rows) + "x" + std::to_string(pixels) +
                           "x" + std::to_string(channels) + " on " + backend;
  TestRng rng(31);
  const Shape shape{rows, pixels, channels};
  const DArrays in{rng.array(shape), rng.array({channels}, 0.5, 1.5), rng.array({channels})};
  const DArray gy = rng.array(shape);
  const LayerNormShape s{rows, pixels * channels, channels, epsilon};
  const auto want =
      gradients(layer_norm_expected, in, gy, 10.0 * static_cast<double>(rows * pixels));
  Sentinels buffers(what);
  const float *x = buffers.input(to_float(in[0])), *gamma = buffers.input(to_float(in[1])),
              *beta = buffers.input(to_float(in[2])), *g = buffers.input(to_float(gy));
  float *y = buffers.output(shape.elements()), *mean = buffers.output(rows),
        *inv_std = buffers.output(rows);
  Stream& stream = current_stream();
  kernels::layer_norm(stream, s, x, gamma, beta, y, mean, inv_std);
  compare_near(what, buffers.read(y), layer_norm_expected(in), 4.0);
  float *gx = buffers.output(shape.elements()), *ggamma = buffers.output(channels),
        *gbeta = buffers.output(channels), *only = buffers.output(shape.elements());
  kernels::layer_norm_grad(stream, s, x, gamma, mean, inv_std, g, gx, ggamma, gbeta);
  compare_near(what + ", gx", buffers.read(gx), want[0]);
  compare_near(what + ", ggamma", buffers.read(ggamma), want[1]);
  compare_near(what + ", gbeta", buffers.read(gbeta), want[2]);
  kernels::layer_norm_grad(stream, s, x, gamma, mean, inv_std, g, only, nullptr, nullptr);
  compare_near(what + ", gx alone", buffers.read(only), want[0]);
}

}  // namespace

TEST_CASE("norm: extents, optional outputs and guards", "[norm]") {
  on_each_backend([](const std::string& backend) {
    check_batch_norm(1, 1, backend);
    check_batch_norm(31, 3, backend);
    check_batch_norm(7, 129, backend);
    check_batch_norm(129, 5, backend);
    check_batch_norm(67, 29, backend);
    check_batch_norm(1, 4, backend);      // these lie in shared memory on CUDA: one block
    check_batch_norm(13, 404, backend);   // few rows, wide blocks, the last one in part
    check_batch_norm(5003, 12, backend);  // a cluster of several blocks
    check_batch_norm(16411, 8, backend);  // beyond what a cluster holds
    check_layer_norm(1, 1, 1, backend);
    check_layer_norm(5, 107, 3, backend);
    check_layer_norm(3, 31, 1, backend);
    check_layer_norm(2, 7, 5, backend);
    check_layer_norm(5, 1, 129, backend);
  });
}

TEST_CASE("norm: a large mean does not spoil the variance", "[norm]") {
  on_each_backend([](const std::string& backend) {
    TestRng rng(37);
    DArray x = rng.array({129, 3});
    for (double& v : x.v) v = static_cast<float>(v + 1000.0);
    const auto result = batch_norm(Tensor::from(to_float(x), x.shape), {}, {}, epsilon);
    compare("batch_norm around 1000 on " + backend, result.y.value().host(),
            expect(batch_norm_expected({x}), DArray(x.shape, 1000.0)), tolerance::norm);
  });
}
