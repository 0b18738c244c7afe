// Which convolutions go through minimal filtering, and with which tile.

#include <ganymede/kernels/cpu/winograd_product.h>

namespace ganymede::kernels::cpu::winograd {
namespace {

// Multiplications per channel pair for all tiles of m x m outputs.
std::int64_t cost(const Problem& p, int m) {
  const std::int64_t size = m + p.taps - 1;
  return p.tiles(m) * size * size;
}

// Calls body(Product) for the tile with the fewest products. Windows of two taps come from strided
// 4x4 ones, whose transpose has an odd number of positions: there 5 often fits where 4 does not.
template <class Body>
void with_product(const Problem& p, const Body& body) {
  if (p.taps == 5) return body(Product<Filtering<4, 5>>(p));
  if (p.taps == 3) return body(Product<Filtering<4, 3>>(p));
  if (cost(p, 5) < cost(p, 4)) return body(Product<Filtering<5, 2>>(p));
  return body(Product<Filtering<4, 2>>(p));
}

}  // namespace

bool fits(const ConvShape& s) {
  const bool plain = s.groups == 1 && s.dilation_h == 1 && s.dilation_w == 1 &&
                     s.kernel_h == s.kernel_w && s.stride_h == s.stride_w;
  if (!plain || s.channels < 32 || s.filters < 32) return false;
  const bool window = s.stride_h == 1 ? s.kernel_h == 3 || s.kernel_h == 5
                                      : s.stride_h == 2 && s.kernel_h >= 4 && s.kernel_h <= 6;
  // Few tiles do not pay for the transform of the weights.
  return window && forward_problem(s).tiles(4) >= 32;
}

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  with_product(forward_problem(s),
               [&](const auto& product) { product.run(stream, x, w, y, fused); });
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  with_product(transposed_problem(s),
               [&](const auto& product) { product.run(stream, gy, w, gx, fused); });
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  with_product(forward_problem(s),
               [&](const auto& product) { product.weight_grad(stream, x, gy, gw); });
}

}  // namespace ganymede::kernels::cpu::winograd
