#include <ganymede/kernels/cpu/conv_routes.h>

namespace ganymede::kernels::cpu::direct {

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  tiled::forward(stream, s, x, w, y, fused);
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  tiled::input_grad(stream, s, gy, w, gx, fused);
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  tiled::weight_grad(stream, s, x, gy, gw);
}

}  // namespace ganymede::kernels::cpu::direct
