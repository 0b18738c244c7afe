#pragma once
// Nearest upsampling and a convolution of stride 1 with 'same' pads are together one transposed
// convolution of the small image, whose weights are sums of the convolution's. By a factor of 2 a
// 3x3 window becomes one of 4x4 and stride 2: 4 products for an output pixel instead of 9, and the
// upsampled image is never made.

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// Of the convolution's weights: filters x kernel_h x kernel_w x channels.
struct UpsamplingWeightsShape {
  int filters = 1, kernel_h = 3, kernel_w = 3, channels = 1, factor = 2;
  constexpr int wide_h() const { return kernel_h + factor - 1; }
  constexpr int wide_w() const { return kernel_w + factor - 1; }
};

/// v of extents channels x wide_h x wide_w x filters, the weights of a convolution from `filters`
/// to `channels` whose input gradient is wanted:
///   v[c,a,b,k] = sum_{i,j < factor} w[k, wide_h - 1 - a - i, wide_w - 1 - b - j, c]
/// with w = 0 outside its window. Output pixel p of the convolution reads, through tap r, the small
/// image at (p + r - pad) / factor: all taps that meet in one pixel are added.
using UpsamplingWeights = void(Stream&, const UpsamplingWeightsShape&, const float* w, float* v);
/// Its adjoint: gw[k,r,s,c] = sum_{i,j < factor} gv[c, wide_h - 1 - r - i, wide_w - 1 - s - j, k].
using UpsamplingWeightsGrad = void(Stream&, const UpsamplingWeightsShape&, const float* gv,
                                   float* gw);

namespace cpu {
UpsamplingWeights upsampling_weights;
UpsamplingWeightsGrad upsampling_weights_grad;
}  // namespace cpu
namespace cuda {
UpsamplingWeights upsampling_weights;
UpsamplingWeightsGrad upsampling_weights_grad;
}  // namespace cuda

inline constexpr Kernel<UpsamplingWeights, cpu::upsampling_weights, cuda::upsampling_weights>
    upsampling_weights;
inline constexpr Kernel<UpsamplingWeightsGrad, cpu::upsampling_weights_grad,
                        cuda::upsampling_weights_grad>
    upsampling_weights_grad;

/// Both maps are this one: windows are turned and summed while the outer axis and the inner one
/// change places.
///   to[i, a, b, o] = sum_{di,dj < factor} from[o, last_h - a - di, last_w - b - dj, i]
struct TurnedSums {
  int outer, from_h, from_w, inner, to_h, to_w, factor;
  constexpr int last_h() const { return (from_h > to_h ? from_h : to_h) - 1; }
  constexpr int last_w() const { return (from_w > to_w ? from_w : to_w) - 1; }
};
constexpr TurnedSums turned_sums(const UpsamplingWeightsShape& s) {
  return {s.filters, s.kernel_h, s.kernel_w, s.channels, s.wide_h(), s.wide_w(), s.factor};
}
constexpr TurnedSums turned_sums_grad(const UpsamplingWeightsShape& s) {
  return {s.channels, s.wide_h(), s.wide_w(), s.filters, s.kernel_h, s.kernel_w, s.factor};
}

}  // namespace ganymede::kernels
