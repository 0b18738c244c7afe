// The WGAN-GP penalty (Gulrajani et al. 2017) through conv, layer norm, transposed conv and linear:
// its gradient by every parameter, against differences of a replica of the critic in double.
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_oracle.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr double slope = 0.2, epsilon = 0.01, lambda = 10.0;
constexpr std::int64_t samples = 2;

kernels::ConvShape conv_shape(std::int64_t batch, int extent, int channels, int filters, int kernel,
                              int stride) {
  const ConvGeometry g = same_geometry(extent, extent, kernel, kernel, stride);
  kernels::ConvShape s;
  s.batch = static_cast<int>(batch), s.height = s.width = extent;
  s.channels = channels, s.filters = filters;
  s.kernel_h = s.kernel_w = kernel, s.stride_h = s.stride_w = stride;
  s.pad_top = g.pad_top, s.pad_left = g.pad_left;
  s.pad_bottom = g.pad_bottom, s.pad_right = g.pad_right;
  return s;
}

// 4x4x2 -> conv 3x3 -> layer norm -> transposed conv to 8x8x2 -> conv 4x4 / 2 -> linear.
kernels::ConvShape first_conv(std::int64_t n) { return conv_shape(n, 4, 2, 3, 3, 1); }
kernels::ConvShape transposed(std::int64_t n) { return conv_shape(n, 8, 2, 3, 4, 2); }
kernels::ConvShape last_conv(std::int64_t n) { return conv_shape(n, 8, 2, 4, 4, 2); }

enum Parameter { w1, b1, gamma_, beta_, w2, b2, w3, b3, w4, b4, parameter_count };

DArrays parameters(TestRng& rng) {
  DArrays p(parameter_count);
  p[w1] = rng.array(weights_of(first_conv(1)), -0.5, 0.5);
  p[b1] = rng.array({3}, -0.5, 0.5);
  p[gamma_] = rng.array({3}, 0.5, 1.5);
  p[beta_] = rng.array({3}, -0.5, 0.5);
  p[w2] = rng.array(weights_of(transposed(1)), -0.5, 0.5);
  p[b2] = rng.array({2}, -0.5, 0.5);
  p[w3] = rng.array(weights_of(last_conv(1)), -0.5, 0.5);
  p[b3] = rng.array({4}, -0.5, 0.5);
  p[w4] = rng.array({64, 1}, -0.5, 0.5);
  p[b4] = rng.array({1});
  return p;
}

// ---- the replica in double --------------------------------------------------------------------

DArray leaky64(DArray y) {
  for (double& v : y.v) v = v > 0 ? v : slope * v;
  return y;
}

DArray layer_norm64(DArray y, const DArray& gamma, const DArray& beta) {
  double mean = 0.0, variance = 0.0;
  const double n = static_cast<double>(y.elements());
  for (double v : y.v) mean += v / n;
  for (double v : y.v) variance += (v - mean) * (v - mean) / n;
  for (std::int64_t i = 0; i < y.elements(); ++i)
    y[i] =
        gamma[i % 3] * (y[i] - mean) / std::sqrt(variance + double{float(epsilon)}) + beta[i % 3];
  return y;
}

/// The critic of one sample.
double critic64(const DArray& x, const DArrays& p) {
  DArray h = add_channels(conv2d_oracle(first_conv(1), x, p[w1]), p[b1]);
  h = leaky64(layer_norm64(h, p[gamma_], p[beta_]));
  h = leaky64(add_channels(input_grad_oracle(transposed(1), h, p[w2]), p[b2]));
  h = leaky64(add_channels(conv2d_oracle(last_conv(1), h, p[w3]), p[b3]));
  return dot(h, p[w4]) + p[b4][0];
}

double penalty64(const DArrays& images, const DArrays& p) {
  double total = 0.0;
  for (const DArray& x : images) {
    double square = 0.0;
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      const double d = derivative(
          [&](double h) {
            DArray at = x;
            at[i] += h;
            return critic64(at, p);
          },
          1e-4);
      square += d * d;
    }
    total += std::pow(std::sqrt(square) - 1.0, 2.0);
  }
  return lambda * total / static_cast<double>(images.size());
}

// ---- the same with the engine -------------------------------------------------------------------

ConvGeometry geometry_of(const kernels::ConvShape& s) {
  return same_geometry(s.height, s.width, s.kernel_h, s.kernel_w, s.stride_h);
}

Var critic(const Var& x, const Vars& p) {
  const Fused plain{p[b1]};
  Var h = conv2d(x, p[w1], geometry_of(first_conv(1)), plain);
  h = leaky_relu(layer_norm(h, p[gamma_], p[beta_], epsilon), slope);
  h = conv_transpose2d(h, p[w2], image_of(transposed(samples)), geometry_of(transposed(1)),
                       {p[b2], Activation::leaky_relu, slope});
  h = conv2d(h, p[w3], geometry_of(last_conv(1)), {p[b3], Activation::leaky_relu, slope});
  return linear(flatten(h), p[w4], p[b4]);
}

Var penalty(const Tensor& images, const Vars& p) {
  const Var x = Var::leaf(images);
  const Var g = grad(critic(x, p), {x}, {{}, true})[0];
  const Var norm = sqrt(sum_samples(square(g)));
  return scale(mean(square(affine(norm, 1.0f, -1.0f))), lambda);
}

}  // namespace

TEST_CASE("gradient penalty: all parameters against differences in double", "[grad]") {
  TestRng rng(73);
  const DArrays p = parameters(rng);
  DArrays images;
  std::vector<float> pixels;
  for (std::int64_t i = 0; i < samples; ++i) {
    images.push_back(rng.array({1, 4, 4, 2}));
    for (float v : to_float(images.back())) pixels.push_back(v);
  }
  const double value = penalty64(images, p);
  std::vector<Expected> expected;
  for (std::size_t k = 0; k < p.size(); ++k) {
    Expected e;
    for (std::int64_t j = 0; j < p[k].elements();
         j += std::max<std::int64_t>(1, p[k].elements() / 5)) {
      e.at.push_back(j);
      e.value.push_back(derivative(
          [&](double h) {
            DArrays at = p;
            at[k][j] += h;
            return penalty64(images, at);
          },
          1e-4));
    }
    e.bound.assign(e.at.size(), value);
    expected.push_back(e);
  }
  on_each_backend([&](const std::string& backend) {
    Vars leaves;
    for (const DArray& w : p) leaves.push_back(Var::leaf(Tensor::from(to_float(w), w.shape)));
    const Var y = penalty(Tensor::from(pixels, {samples, 4, 4, 2}), leaves);
    CHECK(y.value().item() == Approx(value).epsilon(1e-5));
    const Vars g = grad(y, leaves);
    for (std::size_t k = 0; k < g.size(); ++k)
      compare("gradient penalty by parameter " + std::to_string(k) + " on " + backend,
              g[k].value().host(), expected[k], tolerance::norm);
  });
}
