// Bias, activation and statistics of the conv kernels, on every route that an epilogue is fused
// into.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_setup.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using kernels::Activation;
using kernels::ConvShape;

namespace {

struct Statistics {
  DArray mean, variance;
};
Statistics statistics_of(const DArray& y) {
  const std::int64_t c = y.shape[-1];
  const double rows = static_cast<double>(y.elements() / c);
  Statistics t{DArray({c}), DArray({c})};
  for (std::int64_t i = 0; i < y.elements(); ++i) t.mean[i % c] += y[i] / rows;
  for (std::int64_t i = 0; i < y.elements(); ++i)
    t.variance[i % c] += std::pow(y[i] - t.mean[i % c], 2.0) / rows;
  return t;
}

constexpr float slope = 0.25f;

double activate(double v, Activation kind) {
  switch (kind) {
    case Activation::leaky_relu:
      return v > 0 ? v : slope * v;
    case Activation::tanh:
      return std::tanh(v);
    case Activation::sigmoid:
      return 1.0 / (1.0 + std::exp(-v));
    default:
      return v;
  }
}

DArray activated(DArray y, Activation kind) {
  for (double& v : y.v) v = activate(v, kind);
  return y;
}

/// An epilogue in double and on the device.
struct Finish {
  Activation kind;
  bool statistics;
  DArray bias;

  kernels::Epilogue on(Sentinels& buffers) const {
    const std::int64_t moments = statistics ? bias.elements() : 0;
    return {buffers.input(to_float(bias)), kind, slope,
            statistics ? buffers.output(moments) : nullptr,
            statistics ? buffers.output(moments) : nullptr};
  }
};

/// What comes before the epilogue, and the same of absolute values.
struct Sums {
  DArray y, terms;
};
/// Operands, and the sums of both directions.
struct Problem {
  ConvSetup t;
  Sums forward, transpose;

  Problem(const ConvShape& s, const std::string& backend, double k)
      : t(s, backend, k),
        forward{conv2d_oracle(s, t.x, t.w), conv2d_oracle(s, absolute(t.x), absolute(t.w))},
        transpose{input_grad_oracle(s, t.gy, t.w),
                  input_grad_oracle(s, absolute(t.gy), absolute(t.w))} {}
};

void check_finished(const std::string& what, Sentinels& buffers, const std::vector<float>& got,
                    const Finish& f, const kernels::Epilogue& epilogue, const Sums& sums,
                    double k) {
  const DArray before = add_channels(sums.y, f.bias);
  const DArray terms = add_channels(sums.terms, DArray(f.bias.shape, 2.0));  // bias and function
  compare(what, got, expect(activated(before, f.kind), terms), k);
  if (!f.statistics) return;
  const Statistics want = statistics_of(before);
  const double most = *std::max_element(terms.v.begin(), terms.v.end());
  compare(what + ", mean", buffers.read<float>(epilogue.mean),
          expect(want.mean, DArray(want.mean.shape, most)), k);
  compare(what + ", variance", buffers.read<float>(epilogue.variance),
          expect(want.variance, DArray(want.mean.shape, most * most)), k);
}

void check_forward(const Problem& p, const Finish& f) {
  const ConvSetup& t = p.t;
  const std::string what = "conv2d, epilogue, " + t.where;
  Sentinels buffers(what);
  const auto epilogue = f.on(buffers);
  float* y = buffers.output(t.y_count());
  kernels::conv2d(current_stream(), t.s, buffers.input(t.wide_x()), buffers.input(to_float(t.w)), y,
                  {}, epilogue);
  check_finished(what, buffers, gathered(buffers.read(y), t.s.filters, t.s.y_stride(), what), f,
                 epilogue, p.forward, t.k);
}

void check_transpose(const Problem& p, const Finish& f) {
  const ConvSetup& t = p.t;
  const std::string what = "conv_transpose2d, epilogue, " + t.where;
  Sentinels buffers(what);
  const auto epilogue = f.on(buffers);
  float* x = buffers.output(t.x_count());
  kernels::conv_transpose2d(current_stream(), t.s, buffers.input(t.wide_gy()),
                            buffers.input(to_float(t.w)), x, epilogue);
  check_finished(what, buffers, gathered(buffers.read(x), t.s.channels, t.s.x_stride(), what), f,
                 epilogue, p.transpose, t.k);
}

void check_epilogues(const ConvShape& s, const std::string& backend, double k = tolerance::conv) {
  const Problem p(s, backend, k);
  TestRng rng(17);
  const DArray bias = rng.array({s.filters}), image_bias = rng.array({s.channels});
  const auto one = [&](Activation kind, bool statistics) {
    INFO("activation " << static_cast<int>(kind) << (statistics ? " with statistics" : ""));
    check_forward(p, {kind, statistics, bias});
    check_transpose(p, {kind, statistics, image_bias});
  };
  one(Activation::none, false);
  one(Activation::leaky_relu, false);
  one(Activation::leaky_relu, true);
  one(Activation::tanh, true);
  one(Activation::sigmoid, false);
}

}  // namespace

TEST_CASE("conv epilogue: thin shapes", "[conv]") {
  on_each_backend([](const std::string& backend) {
    check_epilogues(conv_shape(1, 1, 1, 1, 1, 1, 1), backend);
    check_epilogues(conv_shape(2, 7, 5, 3, 5, 3, 3, 1, 1), backend);
    check_epilogues(conv_shape(1, 5, 4, 9, 2, 3, 3, 1, 1), backend);
    check_epilogues(conv_shape(2, 5, 11, 1, 8, 3, 3, 1, 1), backend);
    check_epilogues(strided(conv_shape(1, 5, 10, 8, 3, 4, 4, 2, 1), 12, 5), backend);
  });
}

TEST_CASE("conv epilogue: tiled shapes, groups and pixel strides", "[conv]") {
  on_each_backend([](const std::string& backend) {
    check_epilogues(conv_shape(2, 6, 5, 8, 12, 3, 3, 2, 1), backend);
    check_epilogues(strided(conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1), 12, 16), backend);
    check_epilogues(strided(conv_shape(1, 6, 5, 7, 9, 4, 4, 2, 1), 9, 11), backend);
    check_epilogues(grouped(conv_shape(1, 5, 4, 16, 24, 3, 3, 1, 1), 2), backend);
    check_epilogues(strided(conv_shape(1, 4, 5, 33, 35, 3, 3, 1, 1), 34, 36), backend);
  });
}

TEST_CASE("conv epilogue: minimal filtering", "[conv]") {
  on_each_backend([](const std::string& backend) {
    const double k = tolerance::minimal_filtering;
    check_epilogues(strided(conv_shape(2, 20, 19, 36, 32, 5, 5, 1, 2), 37, 36), backend, k);
    if (backend.starts_with("emulated")) return;  // the same route on the device, much slower
    check_epilogues(conv_shape(2, 13, 14, 33, 35, 3, 3, 1, 1), backend, k);
    check_epilogues(strided(conv_shape(2, 13, 14, 32, 33, 3, 3, 1, 1), 36, 37), backend, k);
    check_epilogues(conv_shape(2, 26, 27, 33, 32, 4, 4, 2, 1), backend, k);
  });
}

TEST_CASE("conv epilogue: behind the vendor's product", "[conv][vendor]") {
  on_each_vendor_backend([](const std::string& backend) {
    check_epilogues(conv_shape(2, 6, 5, 8, 12, 3, 3, 2, 1), backend, tolerance::vendor);
    check_epilogues(strided(conv_shape(1, 6, 5, 7, 9, 4, 4, 2, 1), 9, 11), backend,
                    tolerance::vendor);
    ConvShape uneven = conv_shape(1, 6, 5, 3, 5, 4, 4, 2);
    uneven.pad_top = 1, uneven.pad_bottom = 2, uneven.pad_right = 3;
    check_epilogues(uneven, backend, tolerance::vendor);
  });
}
