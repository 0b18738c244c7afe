// Operations refuse what does not fit, with the op and the shapes.
#include <catch2/catch.hpp>

#include <ganymede/engine/ops.h>
#include <ganymede/kernels/error.h>

using namespace ganymede;
using Catch::Matchers::Contains;

namespace {

Var zeros(const Shape& shape) { return Tensor::zeros(shape); }

template <class F>
void refuses(const F& f, const std::string& message) {
  CHECK_THROWS_AS(f(), ShapeError);
  CHECK_THROWS_WITH(f(), Contains(message));
}

}  // namespace

TEST_CASE("errors: convolutions", "[errors]") {
  const Var x = zeros({2, 8, 8, 3}), w = zeros({16, 3, 3, 128});
  refuses([&] { conv2d(x, w, {}); }, "conv2d: input has 3 channels, the filter expects 128");
  refuses([&] { conv2d(zeros({8, 8, 3}), w, {}); }, "conv2d: the operand is 8x8x3");
  refuses([&] { conv2d(x, zeros({4, 9, 9, 3}), {}); }, "conv2d");
  refuses(
      [&] {
        conv2d(x, zeros({4, 3, 3, 3}), {}, {zeros({5})});
      },
      "conv2d: the bias is 5, the output has 4 channels");
  refuses(
      [&] {
        conv_transpose2d(zeros({2, 4, 4, 4}), zeros({4, 4, 4, 3}), {2, 10, 8, 3},
                         conv_geometry(2, 1));
      },
      "conv_transpose2d: an image of 2x10x8x3 goes with 2x5x4x4");
  refuses(
      [&] {
        conv2d_weight_grad(x, zeros({2, 8, 8, 5}), {4, 3, 3, 3}, conv_geometry(1, 1));
      },
      "conv2d_weight_grad: an image of 2x8x8x3 goes with 2x8x8x4, not with 2x8x8x5");
}

TEST_CASE("errors: matrices and elements", "[errors]") {
  refuses([] { add(zeros({2, 3}), zeros({3})); }, "add: operands are 2x3 and 3");
  refuses(
      [] {
        matmul(zeros({2, 3}), zeros({4, 5}));
      },
      "matmul: 2x3 times 4x5: inner extents 3 and 4 differ");
  refuses([] { matmul(zeros({2, 3, 4}), zeros({4, 5})); }, "matmul: the operand is 2x3x4");
  refuses(
      [] {
        linear(zeros({2, 3}), zeros({3, 5}), zeros({3}));
      },
      "linear: the bias is 3, the output has 5 features");
  refuses([] { sum_to(zeros({2, 3}), {2}); }, "sum_to: 2 does not align with 2x3");
  refuses([] { expand(zeros({2, 3}), {3}); }, "expand: 2x3 has more axes than 3");
  refuses([] { reshape(zeros({2, 3}), {7}); }, "reshape");
  refuses([] { log_softmax(zeros({3})); }, "log_softmax");
}

TEST_CASE("errors: images and norms", "[errors]") {
  const Var x = zeros({1, 2, 2, 3});
  refuses(
      [&] {
        max_pool(x, {3, 1, 0, false});
      },
      "max_pool: a window of 3 does not fit 1x2x2x3 with pad 0");
  refuses([&] { pad2d(x, -2, 0, 0, 0); }, "pad2d");
  refuses([&] { affine_warp(x, Tensor::zeros({2, 6}), kernels::Fill2d::zero); }, "affine_warp");
  const auto bent = [&](const Shape& controls) {
    return [=] {
      elastic_warp(x, Tensor::zeros({1, 6}), Tensor::zeros(controls), kernels::Fill2d::zero);
    };
  };
  refuses(bent({1, 3, 3, 2}), "elastic_warp: 3 control points a side; needs 4 or more");
  refuses(bent({2, 4, 4, 2}), "elastic_warp: controls are 2x4x4x2");
  refuses([&] { batch_norm(x, zeros({2}), {}, 1e-3f); },
          "batch_norm: gamma is 2, the input has 3 channels");
  refuses([&] { layer_norm(x, {}, zeros({4}), 1e-3f); }, "layer_norm: beta is 4");
  refuses([&] { batch_norm(x, {}, {}, 1e-3f, Activation::tanh); }, "only leaky_relu");
  refuses(
      [&] {
        batch_norm(x, {}, {}, 1e-3f, Activation::none, 0.0f, nullptr, zeros({1, 2, 2, 1}));
      },
      "batch_norm: ");
}

TEST_CASE("errors: copies", "[errors]") {
  refuses([] { concat({zeros({2, 3}), zeros({3, 3})}); }, "concat: 3x3 does not join 2x3");
  refuses([] { concat({}); }, "concat: nothing to join");
  refuses([] { slice_channels(zeros({2, 3}), 1, 4); }, "slice_channels: [1, 4) is not within");
  refuses([] { swap_axes(zeros({2, 3}), 1); }, "swap_axes: 2x3 has no axes 1 and 2");
  CHECK_THROWS_AS(add(Tensor::zeros({2}, DType::i32), zeros({2})), UsageError);
}
