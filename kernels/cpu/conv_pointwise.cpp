// Gradients of a window of 1x1 and stride 1: matrix products over all pixels.

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/gemm_tiled.h>
#include <ganymede/kernels/cpu/operand.h>

namespace ganymede::kernels::cpu::pointwise {
namespace {

std::int64_t pixels(const ConvShape& s) { return std::int64_t{s.batch} * s.height * s.width; }

}  // namespace

bool fits(const ConvShape& s) {
  const bool one_pixel = s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1;
  return one_pixel && s.groups == 1 && s.pad_top == 0 && s.pad_left == 0 && s.pad_bottom == 0 &&
         s.pad_right == 0;
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  product(stream, {pixels(s), s.channels, s.filters}, gy, w, gx);
  if (!fused.nothing())
    finish(stream, pixels(s), s.channels, gx,
           {.bias = fused.bias, .activation = Activation::leaky_relu, .slope = fused.slope});
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  product(stream, {s.filters, s.channels, pixels(s), true, false}, gy, x, gw);
}

}  // namespace ganymede::kernels::cpu::pointwise
