// conv2d, its gradients and conv_transpose2d as operations. The kernels' extents: conv_kernels.cpp.
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_oracle.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

struct Named {
  const char* name;
  Shape image, weights;
  ConvGeometry geometry;
};

std::vector<Named> geometries() {
  ConvGeometry dilated = conv_geometry(1, 2), grouped = conv_geometry(1, 1), mixed;
  dilated.dilation_h = dilated.dilation_w = 2;
  grouped.groups = 2;
  mixed.stride_h = 3, mixed.stride_w = 2, mixed.pad_top = 2, mixed.pad_right = 1;
  ConvGeometry row, column;  // Inception's 7 x 7, taken apart
  row.pad_left = row.pad_right = column.pad_top = column.pad_bottom = 3;
  return {{"stride 2, same", {2, 5, 6, 3}, {5, 4, 4, 3}, same_geometry(5, 6, 4, 4, 2)},
          {"1x1", {2, 3, 3, 5}, {7, 1, 1, 5}, {}},
          {"dilated", {1, 6, 5, 2}, {3, 3, 3, 2}, dilated},
          {"groups", {2, 4, 4, 4}, {6, 3, 3, 2}, grouped},
          {"uneven strides and pads", {1, 7, 5, 1}, {3, 3, 2, 1}, mixed},
          {"1x7", {2, 3, 5, 4}, {3, 1, 7, 4}, row},
          {"7x1", {2, 5, 3, 3}, {8, 7, 1, 3}, column}};
}

kernels::ConvShape shape_of(const Named& n) {
  const auto e = [](std::int64_t extent) { return static_cast<int>(extent); };
  const ConvGeometry& g = n.geometry;
  kernels::ConvShape s;
  s.batch = e(n.image[0]), s.height = e(n.image[1]), s.width = e(n.image[2]);
  s.channels = e(n.image[3]), s.filters = e(n.weights[0]);
  s.kernel_h = e(n.weights[1]), s.kernel_w = e(n.weights[2]);
  s.stride_h = g.stride_h, s.stride_w = g.stride_w;
  s.dilation_h = g.dilation_h, s.dilation_w = g.dilation_w;
  s.pad_top = g.pad_top, s.pad_left = g.pad_left;
  s.pad_bottom = g.pad_bottom, s.pad_right = g.pad_right;
  s.groups = g.groups;
  return s;
}

/// Shapes whose epilogue is fused into the thin and into the tiled product.
std::vector<Named> fused_geometries() {
  ConvGeometry grouped = conv_geometry(1, 1);
  grouped.groups = 2;
  return {geometries()[0],
          {"8 to 12", {1, 5, 4, 8}, {12, 3, 3, 8}, conv_geometry(2, 1)},
          {"groups, 16 to 24", {1, 3, 2, 16}, {24, 3, 3, 8}, grouped}};
}

DArray sum_of(DArray a, const DArray& b) {
  for (std::int64_t i = 0; i < a.elements(); ++i) a[i] += b[i];
  return a;
}

double leaky(double x) { return x > 0 ? x : 0.25 * x; }

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

DArray mapped(DArray y, double (*f)(double)) {
  for (double& v : y.v) v = f(v);
  return y;
}

}  // namespace

TEST_CASE("conv: the three contractions", "[conv]") {
  for (const Named& n : geometries()) {
    const kernels::ConvShape s = shape_of(n);
    const Shape output = output_of(s);
    const ConvGeometry g = n.geometry;
    check({std::string("conv2d, ") + n.name,
           {{n.image}, {n.weights}},
           [g](const Vars& in) { return conv2d(in[0], in[1], g); },
           [s](const DArrays& in) { return conv2d_oracle(s, in[0], in[1]); },
           Bound::absolute,
           tolerance::conv});
    check(
        {std::string("conv2d_input_grad, ") + n.name,
         {{output}, {n.weights}},
         [g, image = n.image](const Vars& in) { return conv2d_input_grad(in[0], in[1], image, g); },
         [s](const DArrays& in) { return input_grad_oracle(s, in[0], in[1]); },
         Bound::absolute,
         tolerance::conv});
    check({std::string("conv2d_weight_grad, ") + n.name,
           {{n.image}, {output}},
           [g, weights = n.weights](const Vars& in) {
             return conv2d_weight_grad(in[0], in[1], weights, g);
           },
           [s](const DArrays& in) { return weight_grad_oracle(s, in[0], in[1]); },
           Bound::absolute,
           tolerance::conv});
  }
}

TEST_CASE("conv: conv2d with its epilogue", "[conv]") {
  const auto one = [](const Named& n, const char* name, Activation activation, double (*f)(double),
                      Bound bound) {
    const kernels::ConvShape s = shape_of(n);
    check({std::string("conv2d, ") + n.name + ", bias, " + name,
           {{n.image}, {n.weights}, {{s.filters}}},
           [g = n.geometry, activation](const Vars& in) {
             return conv2d(in[0], in[1], g, {in[2], activation, 0.25f});
           },
           [s, f](const DArrays& in) {
             return mapped(add_channels(conv2d_oracle(s, in[0], in[1]), in[2]), f);
           },
           bound,
           tolerance::conv,
           n.image[3] < 4 ? 2 : 1});
  };
  for (const Named& n : fused_geometries()) {
    one(
        n, "no activation", Activation::none, [](double x) { return x; }, Bound::absolute);
    one(n, "leaky_relu", Activation::leaky_relu, leaky, Bound::absolute);
    one(n, "tanh", Activation::tanh, std::tanh, Bound::largest);
    one(n, "sigmoid", Activation::sigmoid, sigmoid, Bound::largest);
  }
}

TEST_CASE("conv: conv_transpose2d", "[conv]") {
  for (const Named& n : geometries()) {
    const kernels::ConvShape s = shape_of(n);
    check({std::string("conv_transpose2d, ") + n.name,
           {{output_of(s)}, {n.weights}},
           [g = n.geometry, image = n.image](const Vars& in) {
             return conv_transpose2d(in[0], in[1], image, g);
           },
           [s](const DArrays& in) { return input_grad_oracle(s, in[0], in[1]); },
           Bound::absolute,
           tolerance::conv});
  }
}

TEST_CASE("conv: conv_transpose2d with its epilogue", "[conv]") {
  const auto one = [](const Named& n, const char* name, Activation activation, double (*f)(double),
                      Bound bound, double k) {
    const kernels::ConvShape s = shape_of(n);
    check({std::string("conv_transpose2d, ") + n.name + ", bias, " + name,
           {{output_of(s)}, {n.weights}, {{s.channels}}},
           [g = n.geometry, image = n.image, activation](const Vars& in) {
             return conv_transpose2d(in[0], in[1], image, g, {in[2], activation, 0.25f});
           },
           [s, f](const DArrays& in) {
             return mapped(add_channels(input_grad_oracle(s, in[0], in[1]), in[2]), f);
           },
           bound,
           k,
           n.image[3] < 4 ? 2 : 1});
  };
  for (const Named& n : fused_geometries()) {
    one(n, "leaky_relu", Activation::leaky_relu, leaky, Bound::absolute, tolerance::conv);
    one(n, "tanh", Activation::tanh, std::tanh, Bound::largest, 4 * tolerance::conv);
    one(n, "sigmoid", Activation::sigmoid, sigmoid, Bound::largest, 4 * tolerance::conv);
  }
}

TEST_CASE("conv: derivatives by minimal filtering", "[conv]") {
  // By the closed forms of <conv(x, w), u> and its differentials: on a shape that is large enough
  // for the route, differences of the oracle would take minutes.
  const Named n{"5x5", {2, 20, 19, 36}, {32, 5, 5, 36}, conv_geometry(1, 2)};
  const kernels::ConvShape s = shape_of(n);
  TestRng rng(29);
  const DArray x = rng.array(n.image), w = rng.array(n.weights), u = rng.array(output_of(s)),
               dx = rng.array(n.image), dw = rng.array(n.weights);
  const DArray ax = absolute(x), aw = absolute(w), au = absolute(u), adx = absolute(dx),
               adw = absolute(dw);
  const Expected wanted[] = {expect(input_grad_oracle(s, u, w), input_grad_oracle(s, au, aw)),
                             expect(weight_grad_oracle(s, x, u), weight_grad_oracle(s, ax, au)),
                             expect(input_grad_oracle(s, u, dw), input_grad_oracle(s, au, adw)),
                             expect(weight_grad_oracle(s, dx, u), weight_grad_oracle(s, adx, au)),
                             expect(sum_of(conv2d_oracle(s, dx, w), conv2d_oracle(s, x, dw)),
                                    sum_of(conv2d_oracle(s, adx, aw), conv2d_oracle(s, ax, adw)))};
  on_each_backend([&](const std::string& backend) {
    const auto leaf = [](const DArray& a) { return Var::leaf(Tensor::from(to_float(a), a.shape)); };
    const Var vx = leaf(x), vw = leaf(w), vu = leaf(u);
    const Vars first = grad(conv2d(vx, vw, n.geometry), {vx, vw}, {vu, true});
    const Var along = add(sum(mul(first[0], leaf(dx))), sum(mul(first[1], leaf(dw))));
    const Vars second = grad(along, {vx, vw, vu});
    const Var got[] = {first[0], first[1], second[0], second[1], second[2]};
    for (std::size_t i = 0; i < std::size(got); ++i)
      compare("conv2d, derivative " + std::to_string(i) + " on " + backend, got[i].value().host(),
              wanted[i], tolerance::minimal_filtering);
  });
}

TEST_CASE("conv: Keras's same padding", "[conv]") {
  const ConvGeometry even = same_geometry(32, 31, 5, 4, 2);
  CHECK(even.pad_top == 1);
  CHECK(even.pad_bottom == 2);
  CHECK(even.pad_left == 1);
  CHECK(even.pad_right == 2);
  const ConvGeometry none = same_geometry(8, 8, 1, 1, 2);
  CHECK(none.pad_top + none.pad_bottom + none.pad_left + none.pad_right == 0);
}
