// The conv kernels themselves: prime and degenerate extents, pixel strides, prologue and epilogue,
// with guards around every buffer.
#include <catch2/catch.hpp>
#include <cmath>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_oracle.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using kernels::ConvShape;

namespace {

std::string name_of(const ConvShape& s) {
  return to_string(image_of(s)) + " * " + to_string(weights_of(s)) + " to " +
         to_string(output_of(s));
}

ConvShape conv(int n, int h, int w, int c, int k, int r, int s, int stride = 1, int pad = 0) {
  ConvShape shape{n, h, w, c, k, r, s, stride, stride};
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = pad;
  return shape;
}

std::vector<ConvShape> shapes() {
  std::vector<ConvShape> all{conv(1, 1, 1, 1, 1, 1, 1),         conv(1, 2, 3, 1, 3, 5, 5, 1, 2),
                             conv(2, 7, 5, 3, 7, 3, 3, 1, 1),   conv(1, 8, 8, 31, 5, 4, 4, 2, 1),
                             conv(3, 5, 7, 5, 31, 3, 3, 3, 1),  conv(1, 3, 3, 129, 3, 1, 1),
                             conv(1, 4, 4, 3, 129, 3, 3, 2, 1), conv(2, 1, 31, 7, 1, 1, 3, 1, 1),
                             conv(1, 9, 9, 33, 35, 3, 3, 1, 1)};
  ConvShape uneven = conv(2, 6, 5, 3, 5, 4, 4, 2);
  uneven.pad_top = 1, uneven.pad_bottom = 2, uneven.pad_right = 3;
  ConvShape dilated = conv(1, 9, 8, 3, 7, 3, 3, 1, 2);
  dilated.dilation_h = dilated.dilation_w = 2;
  ConvShape grouped = conv(2, 5, 5, 6, 9, 3, 3, 2, 1);
  grouped.groups = 3;
  ConvShape depthwise = conv(1, 5, 5, 7, 7, 3, 3, 1, 1);
  depthwise.groups = 7;
  ConvShape wide_groups = conv(1, 5, 4, 16, 24, 3, 3, 1, 1);  // channels and filters in fours
  wide_groups.groups = 2;
  all.insert(all.end(),
             {uneven, dilated, grouped, depthwise, wide_groups, conv(2, 6, 5, 8, 12, 3, 3, 2, 1),
              conv(1, 5, 4, 6, 2, 3, 3, 1, 1), conv(1, 5, 4, 7, 4, 3, 3, 2, 1),
              conv(1, 5, 4, 2, 6, 4, 4, 2, 1), conv(1, 5, 4, 4, 7, 3, 3, 1, 1)});
  return all;
}

/// Large enough for the routes that only pay off on more work: larger tiles, split sums, minimal
/// filtering. With remainders in every extent.
std::vector<ConvShape> large_shapes() {
  return {conv(2, 24, 23, 5, 6, 1, 1),         conv(1, 16, 16, 12, 128, 3, 3, 1, 1),
          conv(1, 16, 15, 5, 125, 3, 3, 1, 1), conv(1, 16, 16, 126, 21, 1, 1),
          conv(1, 16, 16, 128, 20, 1, 1),      conv(1, 9, 9, 128, 128, 1, 1)};
}

/// The same, too slow for the emulator, whose kernels they do not exercise further.
std::vector<ConvShape> larger_shapes() {
  return {conv(2, 17, 15, 33, 35, 3, 3, 1, 1), conv(2, 16, 17, 34, 33, 5, 5, 1, 2),
          conv(2, 33, 31, 35, 32, 4, 4, 2, 1), conv(2, 32, 33, 32, 37, 5, 5, 2, 2),
          conv(2, 33, 32, 33, 33, 6, 6, 2, 2)};
}

/// Rows of `channels` values, `stride` apart; the gap holds `gap`.
std::vector<float> spread(const DArray& x, std::int64_t channels, std::int64_t stride, float gap) {
  std::vector<float> wide(static_cast<std::size_t>(x.elements() / channels * stride), gap);
  for (std::int64_t i = 0; i < x.elements(); ++i)
    wide[static_cast<std::size_t>(i / channels * stride + i % channels)] = static_cast<float>(x[i]);
  return wide;
}

/// The other way; fails where a gap was written to.
std::vector<float> gathered(const std::vector<float>& wide, std::int64_t channels,
                            std::int64_t stride, const std::string& what) {
  std::vector<float> x;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (static_cast<std::int64_t>(i) % stride < channels)
      x.push_back(wide[i]);
    else if (!Sentinels::untouched(wide[i]))
      FAIL_CHECK(what << ": written between two pixels");
  }
  return x;
}

/// One shape's operands, expected results and guarded buffers.
struct Setup {
  ConvShape s;
  std::string where;
  double k;
  DArray x, w, gy;

  Setup(const ConvShape& shape, const std::string& backend, double tolerance = tolerance::conv)
      : s(shape), where(name_of(shape) + " on " + backend), k(tolerance) {
    TestRng rng(13);
    x = rng.array(image_of(s)), w = rng.array(weights_of(s)), gy = rng.array(output_of(s));
  }
  std::int64_t x_count() const { return x.elements() / s.channels * s.x_stride(); }
  std::int64_t y_count() const { return gy.elements() / s.filters * s.y_stride(); }
  std::vector<float> wide_x() const { return spread(x, s.channels, s.x_stride(), NAN); }
  std::vector<float> wide_gy() const { return spread(gy, s.filters, s.y_stride(), NAN); }
};

void check_forward(const Setup& t) {
  Sentinels buffers("conv2d " + t.where);
  float* y = buffers.output(t.y_count());
  kernels::conv2d(current_stream(), t.s, buffers.input(t.wide_x()), buffers.input(to_float(t.w)), y,
                  {}, {});
  compare("conv2d " + t.where,
          gathered(buffers.read(y), t.s.filters, t.s.y_stride(), "conv2d " + t.where),
          expect(conv2d_oracle(t.s, t.x, t.w), conv2d_oracle(t.s, absolute(t.x), absolute(t.w))),
          t.k);
}

template <class Kernel>
void check_input_grad(const char* op, const Kernel& kernel, const Setup& t) {
  const std::string what = op + (" " + t.where);
  Sentinels buffers(what);
  float* gx = buffers.output(t.x_count());
  kernel(current_stream(), t.s, buffers.input(t.wide_gy()), buffers.input(to_float(t.w)), gx,
         kernels::Epilogue{});
  compare(what, gathered(buffers.read(gx), t.s.channels, t.s.x_stride(), what),
          expect(input_grad_oracle(t.s, t.gy, t.w),
                 input_grad_oracle(t.s, absolute(t.gy), absolute(t.w))),
          t.k);
}

DArray channel_sums(const DArray& y) {
  DArray total({y.shape[-1]});
  for (std::int64_t i = 0; i < y.elements(); ++i) total[i % total.elements()] += y[i];
  return total;
}

void check_weight_grad(const Setup& t) {
  const std::string what = "conv2d_weight_grad " + t.where;
  Sentinels buffers(what);
  float *gw = buffers.output(t.s.weights()), *gbias = buffers.output(t.s.filters);
  kernels::conv2d_weight_grad(current_stream(), t.s, buffers.input(t.wide_x()),
                              buffers.input(t.wide_gy()), gw, gbias);
  compare(what, buffers.read(gw),
          expect(weight_grad_oracle(t.s, t.x, t.gy),
                 weight_grad_oracle(t.s, absolute(t.x), absolute(t.gy))),
          t.k);
  compare(what + ", bias", buffers.read(gbias),
          expect(channel_sums(t.gy), channel_sums(absolute(t.gy))), t.k);
  float* again = buffers.output(t.s.weights());
  kernels::conv2d_weight_grad(current_stream(), t.s, buffers.input(t.wide_x()),
                              buffers.input(t.wide_gy()), again, nullptr);
  CHECK(buffers.read(again) == buffers.read(gw));
}

void check_all(const ConvShape& s, const std::string& backend, double k = tolerance::conv) {
  const Setup t(s, backend, k);
  check_forward(t);
  check_input_grad("conv2d_input_grad", kernels::conv2d_input_grad, t);
  check_input_grad("conv_transpose2d", kernels::conv_transpose2d, t);
  check_weight_grad(t);
}

}  // namespace

TEST_CASE("conv kernels: extents and guards", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : shapes()) check_all(s, backend);
  });
}

TEST_CASE("conv kernels: routes for more work", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : large_shapes()) check_all(s, backend, tolerance::minimal_filtering);
    if (backend.starts_with("emulated")) return;
    for (const ConvShape& s : larger_shapes()) check_all(s, backend, tolerance::minimal_filtering);
  });
}

TEST_CASE("conv kernels: slices of wider tensors", "[conv]") {
  on_each_backend([](const std::string& backend) {
    ConvShape s = conv(2, 5, 6, 3, 7, 3, 3, 2, 1);
    s.x_pixel_stride = 8;
    check_all(s, backend);
    s.y_pixel_stride = 9;
    check_all(s, backend);
    s.x_pixel_stride = 0;
    check_all(s, backend);
  });
}

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

DArray leaky(DArray y) {
  for (double& v : y.v) v = v > 0 ? v : 0.25 * v;
  return y;
}

/// y before the activation in; output, mean and variance checked.
void check_epilogue(const std::string& what, Sentinels& buffers, const float* y,
                    const kernels::Epilogue& epilogue, const DArray& before, double terms) {
  const Statistics want = statistics_of(before);
  const Shape channels = want.mean.shape;
  compare(what, buffers.read(y), expect(leaky(before), DArray(before.shape, terms)),
          tolerance::conv);
  compare(what + ", mean", buffers.read<float>(epilogue.mean),
          expect(want.mean, DArray(channels, terms)), tolerance::conv);
  compare(what + ", variance", buffers.read<float>(epilogue.variance),
          expect(want.variance, DArray(channels, terms * terms)), tolerance::conv);
}

kernels::Epilogue epilogue_on(Sentinels& buffers, const DArray& bias) {
  return {buffers.input(to_float(bias)), kernels::Activation::leaky_relu, 0.25f,
          buffers.output(bias.elements()), buffers.output(bias.elements())};
}

}  // namespace

TEST_CASE("conv kernels: epilogue with statistics", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : {conv(2, 7, 5, 3, 5, 3, 3, 1, 1), conv(1, 1, 1, 1, 1, 1, 1)}) {
      const Setup t(s, backend);
      TestRng rng(17);
      const DArray bias = rng.array({s.filters}), image_bias = rng.array({s.channels});
      const double taps = s.kernel_h * s.kernel_w;
      {
        Sentinels buffers("conv2d, epilogue, " + t.where);
        const auto epilogue = epilogue_on(buffers, bias);
        float* y = buffers.output(t.y_count());
        kernels::conv2d(current_stream(), s, buffers.input(to_float(t.x)),
                        buffers.input(to_float(t.w)), y, {}, epilogue);
        check_epilogue("conv2d, epilogue, " + t.where, buffers, y, epilogue,
                       add_channels(conv2d_oracle(s, t.x, t.w), bias), taps * s.channels);
      }
      Sentinels buffers("conv_transpose2d, epilogue, " + t.where);
      const auto epilogue = epilogue_on(buffers, image_bias);
      float* y = buffers.output(t.x_count());
      kernels::conv_transpose2d(current_stream(), s, buffers.input(to_float(t.gy)),
                                buffers.input(to_float(t.w)), y, epilogue);
      check_epilogue("conv_transpose2d, epilogue, " + t.where, buffers, y, epilogue,
                     add_channels(input_grad_oracle(s, t.gy, t.w), image_bias), taps * s.filters);
    }
  });
}

TEST_CASE("conv kernels: prologue leaves the padding zero", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : {conv(2, 5, 4, 3, 7, 3, 3, 1, 1), conv(2, 5, 4, 7, 6, 3, 3, 2, 1),
                               conv(2, 5, 4, 8, 12, 3, 3, 1, 1), conv(1, 5, 4, 8, 3, 3, 3, 1, 1)}) {
      const Setup t(s, backend);
      TestRng rng(19);
      const DArray scale = rng.array({s.channels}), shift = rng.array({s.channels}, 0.5, 1.0);
      DArray x = t.x;
      for (std::int64_t i = 0; i < x.elements(); ++i)
        x[i] = x[i] * scale[i % s.channels] + shift[i % s.channels];
      Sentinels buffers("conv2d, prologue, " + t.where);
      float* y = buffers.output(t.y_count());
      const kernels::Prologue prologue{buffers.input(to_float(scale)),
                                       buffers.input(to_float(shift)),
                                       kernels::Activation::leaky_relu, 0.25f};
      kernels::conv2d(current_stream(), s, buffers.input(to_float(t.x)),
                      buffers.input(to_float(t.w)), y, prologue, {});
      const DArray want = conv2d_oracle(s, leaky(x), t.w);
      compare("conv2d, prologue, " + t.where, buffers.read(y),
              expect(want, DArray(want.shape, 2.0 * 9 * s.channels)), tolerance::conv);
    }
  });
}
