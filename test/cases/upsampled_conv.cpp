#include <catch2/catch.hpp>

#include <ganymede/engine/ops/upsampled_conv.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/upsampling_weights.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_oracle.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

struct Upsampled {
  Shape weights;
  int factor;
};
/// The last: more than one tile of either axis.
const Upsampled upsampled[] = {{{5, 3, 3, 2}, 2}, {{1, 1, 1, 1}, 3}, {{3, 5, 3, 4}, 2},
                               {{2, 3, 3, 7}, 1}, {{3, 3, 7, 2}, 3}, {{35, 3, 1, 33}, 2}};

/// The wide weights tap by tap: tap r of output pixel p reads the small image at
/// floor((p + r - pad) / factor); p = factor i + a - pad for the pixel i that wide tap a reaches.
DArray wide_weights(const DArray& w, int factor) {
  const Shape& s = w.shape;
  const std::int64_t rows = s[1] + factor - 1, columns = s[2] + factor - 1;
  DArray v({s[3], rows, columns, s[0]});
  for (std::int64_t k = 0; k < s[0]; ++k)
    for (std::int64_t r = 0; r < s[1]; ++r)
      for (std::int64_t t = 0; t < s[2]; ++t)
        for (std::int64_t c = 0; c < s[3]; ++c)
          for (int i = 0; i < factor; ++i)
            for (int j = 0; j < factor; ++j) {
              const std::int64_t a = s[1] - 1 - r + i, b = s[2] - 1 - t + j;
              v[((c * rows + a) * columns + b) * s[0] + k] +=
                  w[((k * s[1] + r) * s[2] + t) * s[3] + c];
            }
  return v;
}

DArray upsampled_image(const DArray& x, int factor) {
  const Shape& s = x.shape;
  DArray y({s[0], s[1] * factor, s[2] * factor, s[3]});
  std::int64_t at = 0;
  for (std::int64_t n = 0; n < s[0]; ++n)
    for (std::int64_t p = 0; p < s[1] * factor; ++p)
      for (std::int64_t q = 0; q < s[2] * factor; ++q)
        for (std::int64_t c = 0; c < s[3]; ++c)
          y[at++] = x[((n * s[1] + p / factor) * s[2] + q / factor) * s[3] + c];
  return y;
}

/// The convolution that the upsampled image goes through.
kernels::ConvShape same_conv(const Shape& x, const Shape& w, int factor) {
  ConvGeometry g = same_geometry(int(x[1]) * factor, int(x[2]) * factor, int(w[1]), int(w[2]), 1);
  return conv_shape("test", {x[0], x[1] * factor, x[2] * factor, x[3]}, w, g);
}

}  // namespace

TEST_CASE("upsampled_conv: the weights of the transposed convolution", "[upsampled_conv]") {
  for (const auto& [weights, factor] : upsampled)
    check({"upsampling_weights " + to_string(weights) + " by " + std::to_string(factor),
           {{weights}},
           [f = factor](const Vars& in) { return upsampling_weights(in[0], f); },
           [f = factor](const DArrays& in) { return wide_weights(in[0], f); },
           Bound::absolute,
           tolerance::resample});
}

TEST_CASE("upsampled_conv: upsampling, then a convolution", "[upsampled_conv]") {
  // Second derivatives by differences want outputs away from the activation's kink.
  const auto one = [](const Upsampled& u, Activation activation, float slope, int order) {
    const Shape image{2, 3, 2, u.weights[3]};
    const kernels::ConvShape s = same_conv(image, u.weights, u.factor);
    check({"upsampled_conv2d " + to_string(u.weights) + " by " + std::to_string(u.factor),
           {{image}, {u.weights}, {{u.weights[0]}}},
           [=](const Vars& in) {
             return upsampled_conv2d(in[0], in[1], u.factor, {in[2], activation, slope});
           },
           [=](const DArrays& in) {
             DArray y = conv2d_oracle(s, upsampled_image(in[0], u.factor), in[1]);
             y = add_channels(std::move(y), in[2]);
             for (double& v : y.v) v = v > 0 ? v : double{slope} * v;
             return y;
           },
           Bound::absolute,
           tolerance::conv,
           order});
  };
  for (const Upsampled& u : upsampled) {
    one(u, Activation::none, 1.0f, u.weights[3] < 8 ? 2 : 1);
    one(u, Activation::leaky_relu, 0.25f, 1);
  }
}

TEST_CASE("upsampled_conv: by minimal filtering", "[upsampled_conv]") {
  const Shape image{2, 9, 10, 36}, weights{32, 3, 3, 36};
  const kernels::ConvShape s = same_conv(image, weights, 2);
  check({"upsampled_conv2d, wide",
         {{image}, {weights}},
         [](const Vars& in) { return upsampled_conv2d(in[0], in[1], 2); },
         [s](const DArrays& in) { return conv2d_oracle(s, upsampled_image(in[0], 2), in[1]); },
         Bound::absolute,
         tolerance::minimal_filtering,
         0});
}

TEST_CASE("upsampled_conv: guards", "[upsampled_conv]") {
  on_each_backend([](const std::string& backend) {
    for (const auto& [w, factor] : upsampled) {
      Sentinels buffers("upsampling_weights on " + backend);
      const auto e = [](std::int64_t extent) { return static_cast<int>(extent); };
      const kernels::UpsamplingWeightsShape s{e(w[0]), e(w[1]), e(w[2]), e(w[3]), factor};
      const std::int64_t wide = w[3] * s.wide_h() * s.wide_w() * w[0];
      float *v = buffers.output(wide), *gw = buffers.output(w.elements());
      const auto ones = [&](std::int64_t n) {
        return buffers.input(std::vector<float>(static_cast<std::size_t>(n), 1.0f));
      };
      kernels::upsampling_weights(current_stream(), s, ones(w.elements()), v);
      kernels::upsampling_weights_grad(current_stream(), s, ones(wide), gw);
      // Each weight goes to factor^2 taps.
      double sum = 0.0;
      for (float value : buffers.read(v)) sum += double{value};
      CHECK(sum == double(w.elements()) * factor * factor);
      for (float value : buffers.read(gw)) CHECK(value == float(factor * factor));
    }
  });
}

TEST_CASE("upsampled_conv: extents that do not go together", "[upsampled_conv]") {
  const Var x = Var::leaf(Tensor::zeros({1, 2, 2, 3}));
  const auto weights = [](const Shape& s) { return Var::leaf(Tensor::zeros(s)); };
  CHECK_THROWS_AS(upsampled_conv2d(x, weights({4, 3, 3, 2}), 2), ShapeError);
  CHECK_THROWS_AS(upsampled_conv2d(x, weights({4, 2, 3, 3}), 2), ShapeError);
  CHECK_THROWS_AS(upsampled_conv2d(x, weights({4, 3, 3, 3}), 0), ShapeError);
  CHECK_THROWS_AS(upsampled_conv2d(x, weights({4, 3, 3}), 2), ShapeError);
}
