// The contractions of conv.h by cuDNN.
//
// cuDNN takes dense NHWC tensors, KRSC weights, addresses at multiples of 16 bytes and one pad for
// opposite sides; what is not so is copied to be. Prologue and epilogue are passes of our own.

#include <ganymede/kernels/conv.h>

#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/vendor/operand.h>
#include <ganymede/kernels/vendor/passes.h>
#include <ganymede/kernels/vendor/products.h>

namespace ganymede::kernels::vendor {
namespace {

void check_here(Stream& stream, const ConvShape& s, const char* op) {
  check(s, op);
  if (stream.math_mode() == MathMode::bf16)
    throw SettingError(std::string(op) +
                       ", kernels vendor: cuDNN does not round f32 operands to bf16: use math mode "
                       "tf32 or fp32, or own kernels");
}

std::int64_t pixels(const ConvShape& s) { return std::int64_t{s.batch} * s.height * s.width; }
std::int64_t out_pixels(const ConvShape& s) {
  return std::int64_t{s.batch} * s.out_height() * s.out_width();
}

bool framed(const PadShape& f) { return f.out_height() != f.height || f.out_width() != f.width; }
std::int64_t framed_elements(const PadShape& f) {
  return std::int64_t{f.batch} * f.out_height() * f.out_width() * f.channels;
}

/// x behind its prologue and in its frame.
Input image(Stream& stream, const ConvShape& s, const PadShape& f, const float* x,
            const Prologue& prologue) {
  Input dense(stream, {pixels(s), s.channels, s.x_stride(), s.channels}, x, prologue);
  if (!framed(f)) return dense;
  Output in_frame(stream, framed_elements(f));
  cuda::pad2d(stream, f, dense.data(), in_frame.data());
  return Input(std::move(in_frame));
}
Input image_grad(Stream& stream, const ConvShape& s, const float* gy) {
  return {stream, {out_pixels(s), s.filters, s.y_stride(), s.filters}, gy, {}};
}
Input weights(Stream& stream, const ConvShape& s, const float* w) {
  return {stream, {1, s.weights(), s.weights(), s.weights()}, w, {}};
}

void input_grad(Stream& stream, const ConvShape& s, const char* op, const float* gy, const float* w,
                float* gx, const Epilogue& epilogue) {
  check_here(stream, s, op);
  const DenseConv d = dense_conv(s);
  const PadShape f = frame(s, d);
  const Input in = image_grad(stream, s, gy), filters = weights(stream, s, w);
  const Rows rows{pixels(s), s.channels, s.channels, s.x_stride()};
  Output dense(stream, rows, gx);
  if (framed(f)) {
    Output in_frame(stream, framed_elements(f));
    contract(stream, Contraction::input_grad, d, {filters.data(), in.data(), in_frame.data()});
    cuda::pad2d(stream, cropped(f), in_frame.data(), dense.data());
  } else {
    contract(stream, Contraction::input_grad, d, {filters.data(), in.data(), dense.data()});
  }
  apply_epilogue(stream, rows, epilogue, dense.data(), gx);
}

}  // namespace

void conv2d(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
            const Prologue& prologue, const Epilogue& epilogue) {
  check_here(stream, s, "conv2d");
  const DenseConv d = dense_conv(s);
  const Input in = image(stream, s, frame(s, d), x, prologue), filters = weights(stream, s, w);
  const Rows rows{out_pixels(s), s.filters, s.filters, s.y_stride()};
  const Output dense(stream, rows, y);
  contract(stream, Contraction::forward, d, {in.data(), filters.data(), dense.data()});
  apply_epilogue(stream, rows, epilogue, dense.data(), y);
}

void conv2d_input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w,
                       float* gx, const Epilogue& epilogue) {
  input_grad(stream, s, "conv2d_input_grad", gy, w, gx, epilogue);
}

void conv_transpose2d(Stream& stream, const ConvShape& s, const float* gy, const float* w,
                      float* gx, const Epilogue& epilogue) {
  input_grad(stream, s, "conv_transpose2d", gy, w, gx, epilogue);
}

void conv2d_weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy,
                        float* gw, float* gbias) {
  check_here(stream, s, "conv2d_weight_grad");
  const DenseConv d = dense_conv(s);
  const Input in = image(stream, s, frame(s, d), x, {}), out = image_grad(stream, s, gy);
  const Rows row{1, s.weights(), s.weights(), s.weights()};
  const Output dense(stream, row, gw);
  contract(stream, Contraction::weight_grad, d, {in.data(), out.data(), dense.data()});
  apply_epilogue(stream, row, {}, dense.data(), gw);
  if (gbias) bias_grad(stream, out_pixels(s), s.filters, out.data(), gbias);
}

}  // namespace ganymede::kernels::vendor
