// The public convolutions: operands prepared, a route chosen by the shape (on streams that ask for
// the vendor's kernels always the direct one), epilogue finished.

#include <ganymede/config.h>
#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/copy.h>
#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/statistics.h>

namespace ganymede::kernels::cpu {
namespace {

std::int64_t in_pixels(const ConvShape& s) { return std::int64_t{s.batch} * s.height * s.width; }
std::int64_t out_pixels(const ConvShape& s) {
  return std::int64_t{s.batch} * s.out_height() * s.out_width();
}

ConvShape dense(ConvShape s) {
  s.x_pixel_stride = s.y_pixel_stride = 0;
  return s;
}

Operand prepare_weights(Stream& stream, const ConvShape& s, const float* w) {
  const std::int64_t row = s.weights() / s.filters;
  return prepare(stream, s.filters, row, row, w);
}

// The part of an epilogue that a route applies itself; the rest needs the finished y.
Fused fused_part(const Epilogue& e) {
  const bool relu = e.activation == Activation::leaky_relu && !e.mean;
  return {e.bias, relu ? e.slope : 1.0f};
}

// Runs route(y, fused) on a dense target, finishes the epilogue, and moves the result to a strided
// y.
template <class Route>
void produce(Stream& stream, std::int64_t pixels, std::int64_t channels, std::int64_t stride,
             float* y, const Epilogue& epilogue, const Route& route) {
  const bool strided = stride != channels && pixels > 1;
  const Workspace block = workspace(stream, strided ? pixels * channels : 0);
  float* target = strided ? static_cast<float*>(block.data()) : y;
  const Fused fused = fused_part(epilogue);
  route(target, fused);
  Epilogue rest = epilogue;
  if (fused.slope != 1.0f) rest.activation = Activation::none;
  finish(stream, pixels, channels, target, rest, true);
  if (strided) copy_columns(stream, {pixels, channels, channels, stride}, target, y);
}

/// What each route is for one of the contractions.
template <class Body>
struct Bodies {
  Body *thin, *winograd, *product, *direct;
};

template <class Body>
Body* chosen(const Stream& stream, Contraction contraction, const ConvShape& s,
             const Bodies<Body>& by) {
  if (stream.kernels() == KernelSource::vendor) return by.direct;
  const Route route = route_of(contraction, s);
  if (route == Route::thin) return by.thin;
  if (route == Route::winograd) return by.winograd;
  return route == Route::product ? by.product : by.direct;
}

ForwardRoute* forward_route(const Stream& stream, const ConvShape& s) {
  return chosen<ForwardRoute>(stream, Contraction::forward, s,
                              {thin::forward, winograd::forward, direct::forward, direct::forward});
}

InputGradRoute* input_grad_route(const Stream& stream, const ConvShape& s) {
  return chosen<InputGradRoute>(
      stream, Contraction::input_grad, s,
      {thin::input_grad, winograd::input_grad, pointwise::input_grad, direct::input_grad});
}

WeightGradRoute* weight_grad_route(const Stream& stream, const ConvShape& s) {
  return chosen<WeightGradRoute>(
      stream, Contraction::weight_grad, s,
      {thin::weight_grad, winograd::weight_grad, pointwise::weight_grad, direct::weight_grad});
}

}  // namespace

Route route_of(Contraction contraction, const ConvShape& s) {
  const bool by_filters = contraction != Contraction::input_grad,
             by_channels = contraction != Contraction::forward;
  if ((by_filters && thin::fits_filters(s)) || (by_channels && thin::fits_channels(s)))
    return Route::thin;
  if (winograd::fits(contraction, s)) return Route::winograd;
  return contraction != Contraction::forward && pointwise::fits(s) ? Route::product : Route::direct;
}

Explanation explain(const ContractionShape& s) {
  constexpr const char* means = GANYMEDE_ONEDNN ? "oneDNN" : "register tiles";
  if (s.contraction >= Contraction::product) return {means, "the build's product"};
  switch (route_of(s.contraction, s.conv)) {
    case Route::thin:
      return {"thin", "few channels or filters"};
    case Route::winograd:
      return {"winograd", "a window that minimal filtering shortens, enough tiles and channels"};
    case Route::product:
      return {std::string("product, ") + means, "a window of one pixel"};
    case Route::direct:
      break;
  }
  return {std::string("direct, ") + means, "any other shape"};
}

void conv2d(Stream& stream, const ConvShape& shape, const float* x, const float* w, float* y,
            const Prologue& prologue, const Epilogue& epilogue) {
  check(shape, "conv2d");
  const ConvShape s = dense(shape);
  const Operand input = prepare(stream, in_pixels(s), s.channels, shape.x_stride(), x, prologue);
  const Operand weights = prepare_weights(stream, s, w);
  produce(stream, out_pixels(s), s.filters, shape.y_stride(), y, epilogue,
          [&](float* target, const Fused& fused) {
            forward_route(stream, s)(stream, s, input.data, weights.data, target, fused);
          });
}

void conv2d_input_grad(Stream& stream, const ConvShape& shape, const float* gy, const float* w,
                       float* gx, const Epilogue& epilogue) {
  check(shape, "conv2d_input_grad");
  const ConvShape s = dense(shape);
  const Operand output = prepare(stream, out_pixels(s), s.filters, shape.y_stride(), gy);
  const Operand weights = prepare_weights(stream, s, w);
  produce(stream, in_pixels(s), s.channels, shape.x_stride(), gx, epilogue,
          [&](float* target, const Fused& fused) {
            input_grad_route(stream, s)(stream, s, output.data, weights.data, target, fused);
          });
}

void conv_transpose2d(Stream& stream, const ConvShape& shape, const float* gy, const float* w,
                      float* gx, const Epilogue& epilogue) {
  conv2d_input_grad(stream, shape, gy, w, gx, epilogue);
}

void conv2d_weight_grad(Stream& stream, const ConvShape& shape, const float* x, const float* gy,
                        float* gw, float* gbias) {
  check(shape, "conv2d_weight_grad");
  const ConvShape s = dense(shape);
  const Operand input = prepare(stream, in_pixels(s), s.channels, shape.x_stride(), x);
  const Operand output = prepare(stream, out_pixels(s), s.filters, shape.y_stride(), gy);
  weight_grad_route(stream, s)(stream, s, input.data, output.data, gw);
  if (gbias) column_sums(stream, out_pixels(s), s.filters, shape.y_stride(), gy, gbias);
}

}  // namespace ganymede::kernels::cpu
