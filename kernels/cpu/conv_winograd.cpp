// Which convolutions go through minimal filtering, and with which tile.

#include <ganymede/kernels/cpu/winograd_few.h>

#include <algorithm>

namespace ganymede::kernels::cpu::winograd {
namespace {

// Tiles of 4 x 4 outputs: 64, 36 or 25 products instead of 400, 144 or 64, at a rounding error of
// about four times the direct sum's. Larger tiles save little more and lose digits.
constexpr int outputs = 4;

template <class Body>
void with_product(const Problem& p, const Body& body) {
  if (p.count_h <= 0 || p.count_w <= 0) return;
  if (p.taps == 5) return body(Product<Filtering<outputs, 5>>(p));
  if (p.taps == 3) return body(Product<Filtering<outputs, 3>>(p));
  return body(Product<Filtering<outputs, 2>>(p));
}

void run(const Problem& problem, Stream& stream, const float* x, const float* w, float* y,
         const Fused& fused) {
  with_product(problem, [&](const auto& product) {
    if (product.few_tiles()) return product.run_few(stream, x, w, y, fused);
    product.run(stream, x, w, y, fused);
  });
}

// Taps of a window that lie within the image, over its positions along one axis.
std::int64_t taps_inside(int extent, int positions, int kernel, int stride, int pad) {
  std::int64_t taps = 0;
  for (int i = 0; i < positions; ++i) {
    const int first = i * stride - pad;
    taps += std::max(std::min(first + kernel, extent) - std::max(first, 0), 0);
  }
  return taps;
}

// Products of a pair of channels: of the direct sum, whose windows may reach beyond the image, and
// of minimal filtering, whose tiles may.
struct Products {
  std::int64_t direct, filtered;
  bool at_least(double gain) const {
    return static_cast<double>(direct) >= gain * static_cast<double>(filtered);
  }
};

Products products(const ConvShape& s, const Problem& p) {
  const std::int64_t size = outputs + p.taps - 1;
  const std::int64_t rows =
      taps_inside(s.height, s.out_height(), s.kernel_h, s.stride_h, s.pad_top);
  const std::int64_t columns =
      taps_inside(s.width, s.out_width(), s.kernel_w, s.stride_w, s.pad_left);
  return {s.batch * rows * columns, p.tiles(outputs) * p.in.planes() * size * size};
}

}  // namespace

bool fits(Contraction contraction, const ConvShape& s) {
  const bool plain = s.groups == 1 && s.dilation_h == 1 && s.dilation_w == 1 &&
                     s.kernel_h == s.kernel_w && s.stride_h == s.stride_w;
  if (!plain || s.channels < 32 || s.filters < 32) return false;
  const bool window = s.stride_h == 1 ? s.kernel_h == 3 || s.kernel_h == 5
                                      : s.stride_h == 2 && s.kernel_h >= 4 && s.kernel_h <= 6;
  if (!window) return false;
  // Small layers of few tiles do not pay for the transforms.
  const Problem problem = forward_problem(s);
  const std::int64_t tiles = problem.tiles(outputs);
  if (tiles < 8 || (tiles < 32 && s.weights() < std::int64_t{1} << 17)) return false;
  const Products of = products(s, problem);
  if (of.at_least(1.5)) return true;
  // Images smaller than a tile save nothing, but the direct sum is held up by reading and
  // reordering many weights; its input gradient the least.
  if (s.weights() < std::int64_t{1} << 19 || !of.at_least(1.0 / 3.0)) return false;
  return contraction == Contraction::weight_grad ||
         (contraction == Contraction::forward && tiles <= 64);
}

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  run(forward_problem(s), stream, x, w, y, fused);
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  for (int i = 0; i < s.stride_h; ++i)
    for (int j = 0; j < s.stride_w; ++j) run(transposed_problem(s, i, j), stream, gy, w, gx, fused);
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  with_product(forward_problem(s), [&](const auto& product) {
    if (product.few_grad_tiles()) return product.weight_grad_few(stream, x, gy, gw);
    product.weight_grad(stream, x, gy, gw);
  });
}

}  // namespace ganymede::kernels::cpu::winograd
