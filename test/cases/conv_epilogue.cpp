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

/// `y`: the sums before the epilogue, `terms`: the same of absolute values.
void check_finished(const std::string& what, Sentinels& buffers, const std::vector<float>& got,
                    const Finish& f, const kernels::Epilogue& epilogue, const DArray& y,
                    const DArray& terms, double k) {
  const DArray before = add_channels(y, f.bias);
  const DArray bound = add_channels(terms, DArray(f.bias.shape, 2.0));  // the bias, the function
  compare(what, got, expect(activated(before, f.kind), bound), k);
  if (!f.statistics) return;
  const Statistics want = statistics_of(before);
  const double most = *std::max_element(bound.v.begin(), bound.v.end());
  compare(what + ", mean", buffers.read<float>(epilogue.mean),
          expect(want.mean, DArray(want.mean.shape, most)), k);
  compare(what + ", variance", buffers.read<float>(epilogue.variance),
          expect(want.variance, DArray(want.mean.shape, most * most)), k);
}

void check_forward(const ConvSetup& t, const Finish& f) {
  const std::string what = "conv2d, epilogue, " + t.where;
  Sentinels buffers(what);
  const auto epilogue = f.on(buffers);
  float* y = buffers.output(t.y_count());
  kernels::conv2d(current_stream(), t.s, buffers.input(t.wide_x()), buffers.input(to_float(t.w)), y,
                  {}, epilogue);
  check_finished(what, buffers, gathered(buffers.read(y), t.s.filters, t.s.y_stride(), what), f,
                 epilogue, conv2d_oracle(t.s, t.x, t.w),
                 conv2d_oracle(t.s, absolute(t.x), absolute(t.w)), t.k);
}

void check_transpose(const ConvSetup& t, const Finish& f) {
  const std::string what = "conv_transpose2d, epilogue, " + t.where;
  Sentinels buffers(what);
  const auto epilogue = f.on(buffers);
  float* x = buffers.output(t.x_count());
  kernels::conv_transpose2d(current_stream(), t.s, buffers.input(t.wide_gy()),
                            buffers.input(to_float(t.w)), x, epilogue);
  check_finished(what, buffers, gathered(buffers.read(x), t.s.channels, t.s.x_stride(), what), f,
                 epilogue, input_grad_oracle(t.s, t.gy, t.w),
                 input_grad_oracle(t.s, absolute(t.gy), absolute(t.w)), t.k);
}

void check_epilogue(const ConvShape& s, Activation kind, bool statistics,
                    const std::string& backend, double k = tolerance::conv) {
  INFO("activation " << static_cast<int>(kind) << (statistics ? " with statistics" : ""));
  const ConvSetup t(s, backend, k);
  TestRng rng(17);
  check_forward(t, {kind, statistics, rng.array({s.filters})});
  check_transpose(t, {kind, statistics, rng.array({s.channels})});
}

void check_epilogues(const ConvShape& s, const std::string& backend, double k = tolerance::conv) {
  check_epilogue(s, Activation::none, false, backend, k);
  check_epilogue(s, Activation::leaky_relu, false, backend, k);
  check_epilogue(s, Activation::leaky_relu, true, backend, k);
  check_epilogue(s, Activation::tanh, true, backend, k);
  check_epilogue(s, Activation::sigmoid, false, backend, k);
}

}  // namespace

TEST_CASE("conv epilogue: thin shapes", "[conv]") {
  on_each_backend([](const std::string& backend) {
    check_epilogues(conv_shape(1, 1, 1, 1, 1, 1, 1), backend);
    check_epilogues(conv_shape(2, 7, 5, 3, 5, 3, 3, 1, 1), backend);
    check_epilogues(conv_shape(1, 5, 4, 9, 2, 3, 3, 1, 1), backend);
  });
}

TEST_CASE("conv epilogue: tiled shapes, groups and pixel strides", "[conv]") {
  on_each_backend([](const std::string& backend) {
    check_epilogues(conv_shape(2, 6, 5, 8, 12, 3, 3, 2, 1), backend);
    check_epilogues(strided(conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1), 12, 16), backend);
    check_epilogues(strided(conv_shape(1, 6, 5, 7, 9, 4, 4, 2, 1), 9, 11), backend);
    check_epilogues(grouped(conv_shape(1, 5, 4, 16, 24, 3, 3, 1, 1), 2), backend);
    const ConvShape wide = conv_shape(1, 5, 6, 33, 35, 3, 3, 1, 1);
    check_epilogue(wide, Activation::leaky_relu, false, backend);
    check_epilogue(wide, Activation::tanh, true, backend);
  });
}

TEST_CASE("conv epilogue: minimal filtering", "[conv]") {
  on_each_backend([](const std::string& backend) {
    if (backend.starts_with("emulated")) return;  // the device has no such route
    for (const ConvShape& s :
         {conv_shape(2, 17, 15, 33, 35, 3, 3, 1, 1), conv_shape(2, 14, 15, 32, 33, 5, 5, 1, 2),
          conv_shape(2, 33, 31, 35, 32, 4, 4, 2, 1)}) {
      check_epilogues(s, backend, tolerance::minimal_filtering);
      check_epilogue(strided(s, 36, 37), Activation::leaky_relu, true, backend,
                     tolerance::minimal_filtering);
    }
  });
}
