#include <algorithm>

#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/reduce.h>

namespace ganymede {

kernels::ConvShape conv_shape(const char* op, const Shape& image, const Shape& weights,
                              const ConvGeometry& g) {
  ops::require_rank(op, image, 4, "N x H x W x C");
  ops::require_rank(op, weights, 4, "K x R x S x C/groups");
  if (weights[3] * g.groups != image[3])
    ops::refuse(op, "input has " + std::to_string(image[3]) + " channels, the filter expects " +
                        std::to_string(weights[3] * g.groups));
  const auto extent = [](std::int64_t e) { return static_cast<int>(e); };
  kernels::ConvShape shape;
  shape.batch = extent(image[0]), shape.height = extent(image[1]), shape.width = extent(image[2]);
  shape.channels = extent(image[3]), shape.filters = extent(weights[0]);
  shape.kernel_h = extent(weights[1]), shape.kernel_w = extent(weights[2]);
  shape.stride_h = g.stride_h, shape.stride_w = g.stride_w;
  shape.dilation_h = g.dilation_h, shape.dilation_w = g.dilation_w;
  shape.pad_top = g.pad_top, shape.pad_left = g.pad_left;
  shape.pad_bottom = g.pad_bottom, shape.pad_right = g.pad_right;
  shape.groups = g.groups;
  kernels::check(shape, op);
  return shape;
}

namespace {

Shape output_of(const kernels::ConvShape& s) {
  return {s.batch, s.out_height(), s.out_width(), s.filters};
}

/// The side of the convolution's output must be what the convolution of the image gives.
void require_output(const char* op, const kernels::ConvShape& shape, const Shape& image,
                    const Shape& given) {
  if (!(given == output_of(shape)))
    ops::refuse(op, "an image of " + to_string(image) + " goes with " +
                        to_string(output_of(shape)) + ", not with " + to_string(given));
}

kernels::Epilogue epilogue_of(const char* op, const Fused& fused, std::int64_t channels) {
  if (fused.bias && !(fused.bias.shape() == Shape{channels}))
    ops::refuse(op, "the bias is " + to_string(fused.bias.shape()) + ", the output has " +
                        std::to_string(channels) + " channels");
  kernels::Epilogue epilogue;
  epilogue.bias = ops::data_or_null(fused.bias);
  epilogue.activation = fused.activation;
  epilogue.slope = fused.slope;
  return epilogue;
}

/// Gradients by weights and bias in one call. Not differentiable again: for sweeps that nobody
/// records.
void weight_and_bias_grad(const Var& x, const Var& g, const ConvGeometry& geometry,
                          const Shape& weights, Vars& gradients) {
  const auto shape = conv_shape("conv2d_weight_grad", x.shape(), weights, geometry);
  Tensor gw(weights), gbias({weights[0]});
  kernels::conv2d_weight_grad(current_stream(), shape, x.value().data(), g.value().data(),
                              gw.data(), gbias.data());
  gradients[1] = gw;
  gradients[2] = gbias;
}

Vars conv2d_vjp(const Sweep& s, const ConvGeometry& geometry, Activation activation, float slope) {
  const Var &x = s.in[0], &w = s.in[1];
  const Var g = activation_grad(s.out, s.g, activation, slope);
  Vars gradients(3);
  if (s.wants(0)) gradients[0] = conv2d_input_grad(g, w, x.shape(), geometry);
  if (s.wants(1) && s.wants(2) && !recording()) {
    weight_and_bias_grad(x, g, geometry, w.shape(), gradients);
    return gradients;
  }
  if (s.wants(1)) gradients[1] = conv2d_weight_grad(x, g, w.shape(), geometry);
  if (s.wants(2)) gradients[2] = sum_to(g, s.in[2].shape());
  return gradients;
}

int same_padding(int extent, int kernel, int stride) {
  const int out = (extent + stride - 1) / stride;
  return std::max((out - 1) * stride + kernel - extent, 0);
}

}  // namespace

ConvGeometry conv_geometry(int stride, int pad) {
  ConvGeometry g;
  g.stride_h = g.stride_w = stride;
  g.pad_top = g.pad_left = g.pad_bottom = g.pad_right = pad;
  return g;
}

ConvGeometry same_geometry(int height, int width, int kernel_h, int kernel_w, int stride) {
  const int rows = same_padding(height, kernel_h, stride);
  const int columns = same_padding(width, kernel_w, stride);
  ConvGeometry g;
  g.stride_h = g.stride_w = stride;
  g.pad_top = rows / 2, g.pad_bottom = rows - rows / 2;
  g.pad_left = columns / 2, g.pad_right = columns - columns / 2;
  return g;
}

Var conv2d(const Var& x, const Var& w, const ConvGeometry& geometry, const Fused& fused) {
  const auto shape = conv_shape("conv2d", x.shape(), w.shape(), geometry);
  const auto epilogue = epilogue_of("conv2d", fused, shape.filters);
  Tensor y(output_of(shape));
  kernels::conv2d(current_stream(), shape, x.value().data(), w.value().data(), y.data(), {},
                  epilogue);
  return record("conv2d", std::move(y), {x, w, fused.bias},
                [geometry, activation = fused.activation, slope = fused.slope](const Sweep& s) {
                  return conv2d_vjp(s, geometry, activation, slope);
                });
}

Var conv2d_input_grad(const Var& gy, const Var& w, const Shape& input,
                      const ConvGeometry& geometry) {
  const auto shape = conv_shape("conv2d_input_grad", input, w.shape(), geometry);
  require_output("conv2d_input_grad", shape, input, gy.shape());
  Tensor gx(input);
  kernels::conv2d_input_grad(current_stream(), shape, gy.value().data(), w.value().data(),
                             gx.data(), {});
  return record("conv2d_input_grad", std::move(gx), {gy, w}, [geometry](const Sweep& s) {
    return ops::wanted(
        s, [&] { return conv2d(s.g, s.in[1], geometry); },
        [&] { return conv2d_weight_grad(s.g, s.in[0], s.in[1].shape(), geometry); });
  });
}

Var conv2d_weight_grad(const Var& x, const Var& gy, const Shape& weights,
                       const ConvGeometry& geometry) {
  const auto shape = conv_shape("conv2d_weight_grad", x.shape(), weights, geometry);
  require_output("conv2d_weight_grad", shape, x.shape(), gy.shape());
  Tensor gw(weights);
  kernels::conv2d_weight_grad(current_stream(), shape, x.value().data(), gy.value().data(),
                              gw.data(), nullptr);
  return record("conv2d_weight_grad", std::move(gw), {x, gy}, [geometry](const Sweep& s) {
    return ops::wanted(
        s, [&] { return conv2d_input_grad(s.in[1], s.g, s.in[0].shape(), geometry); },
        [&] { return conv2d(s.in[0], s.g, geometry); });
  });
}

Var conv_transpose2d(const Var& x, const Var& w, const Shape& output, const ConvGeometry& geometry,
                     const Fused& fused) {
  const auto shape = conv_shape("conv_transpose2d", output, w.shape(), geometry);
  require_output("conv_transpose2d", shape, output, x.shape());
  const auto epilogue = epilogue_of("conv_transpose2d", fused, output[3]);
  Tensor y(output);
  kernels::conv_transpose2d(current_stream(), shape, x.value().data(), w.value().data(), y.data(),
                            epilogue);
  return record("conv_transpose2d", std::move(y), {x, w, fused.bias},
                [geometry, activation = fused.activation, slope = fused.slope](const Sweep& s) {
                  const Var g = activation_grad(s.out, s.g, activation, slope);
                  return ops::wanted(
                      s, [&] { return conv2d(g, s.in[1], geometry); },
                      [&] { return conv2d_weight_grad(g, s.in[0], s.in[1].shape(), geometry); },
                      [&] { return sum_to(g, s.in[2].shape()); });
                });
}

}  // namespace ganymede
