#pragma once
// Pooling, padding, upsampling and warps of NHWC images. Every map is linear in its image (max
// pool: linear for given indices), and each stands beside its adjoint.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// Windows as in ConvShape. Output extents (extent + pads - window) / stride + 1.
struct PoolShape {
  int batch = 1, height = 1, width = 1, channels = 1;
  int window_h = 2, window_w = 2, stride_h = 2, stride_w = 2;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool count_include_pad = false;  ///< average pool: divide by the window, not by its valid part

  constexpr int out_height() const {
    return (height + pad_top + pad_bottom - window_h) / stride_h + 1;
  }
  constexpr int out_width() const {
    return (width + pad_left + pad_right - window_w) / stride_w + 1;
  }
};

/// index: for each output element the input pixel (h * width + w) of its first maximum.
using MaxPool = void(Stream&, const PoolShape&, const float* x, float* y, std::int32_t* index);
/// y[n,p,q,c] = x[n, index[n,p,q,c], c]: the max pool of a given choice.
using PoolTake = void(Stream&, const PoolShape&, const float* x, const std::int32_t* index,
                      float* y);
/// The adjoint of pool_take: x[n, pixel, c] = sum of y over the outputs that chose the pixel.
using PoolPut = void(Stream&, const PoolShape&, const float* y, const std::int32_t* index,
                     float* x);
using AvgPool = void(Stream&, const PoolShape&, const float* x, float* y);
using AvgPoolGrad = void(Stream&, const PoolShape&, const float* gy, float* gx);

/// Copies x into a larger image (negative pads crop); what x does not cover is 0. Its own adjoint
/// with negated pads. Extents are those of x.
struct PadShape {
  int batch = 1, height = 1, width = 1, channels = 1;
  int top = 0, left = 0, bottom = 0, right = 0;
  constexpr int out_height() const { return height + top + bottom; }
  constexpr int out_width() const { return width + left + right; }
};
using Pad = void(Stream&, const PadShape&, const float* x, float* y);

/// x is batch x height x width x channels; y has out_height x out_width.
struct ResizeShape {
  int batch = 1, height = 1, width = 1, channels = 1, out_height = 1, out_width = 1;
};
/// Source pixel floor(p height / out_height); for integer factors each pixel repeated.
using UpsampleNearest = void(Stream&, const ResizeShape&, const float* x, float* y);
using UpsampleNearestGrad = void(Stream&, const ResizeShape&, const float* gy, float* gx);
/// Half-pixel centres (align_corners off), no antialias, edges clamped.
using ResizeBilinear = void(Stream&, const ResizeShape&, const float* x, float* y);
using ResizeBilinearGrad = void(Stream&, const ResizeShape&, const float* gy, float* gx);

enum class Fill2d : std::uint8_t { nearest, zero };
/// y[n,p,q,:] = x at the source point (row, col) = M_n (p, q, 1), M_n the 2 x 3 matrix of image n,
/// row-major, in pixel units with the centre of pixel (0,0) at (0,0); bilinear. Output extents
/// equal the input's. `nearest` repeats the edge, `zero` gives 0 outside.
struct WarpShape {
  int batch = 1, height = 1, width = 1, channels = 1;
  Fill2d fill = Fill2d::nearest;
  int grid = 0;  ///< of elastic_warp: control points a side, at least 4
};
using AffineWarp = void(Stream&, const WarpShape&, const float* x, const float* matrices, float* y);
using AffineWarpGrad = void(Stream&, const WarpShape&, const float* gy, const float* matrices,
                            float* gx);
/// The same with the source point moved by D_n(p, q), the cubic B-spline of image n's control
/// points (batch x grid x grid x 2: rows, columns, in pixels; displacement.h): one resampling for
/// the affine map and the deformation together.
using ElasticWarp = void(Stream&, const WarpShape&, const float* x, const float* matrices,
                         const float* controls, float* y);
using ElasticWarpGrad = void(Stream&, const WarpShape&, const float* gy, const float* matrices,
                             const float* controls, float* gx);

namespace cpu {
MaxPool max_pool;
PoolTake pool_take;
PoolPut pool_put;
AvgPool avg_pool;
AvgPoolGrad avg_pool_grad;
Pad pad2d;
UpsampleNearest upsample_nearest;
UpsampleNearestGrad upsample_nearest_grad;
ResizeBilinear resize_bilinear;
ResizeBilinearGrad resize_bilinear_grad;
AffineWarp affine_warp;
AffineWarpGrad affine_warp_grad;
ElasticWarp elastic_warp;
ElasticWarpGrad elastic_warp_grad;
}  // namespace cpu
namespace cuda {
MaxPool max_pool;
PoolTake pool_take;
PoolPut pool_put;
AvgPool avg_pool;
AvgPoolGrad avg_pool_grad;
Pad pad2d;
UpsampleNearest upsample_nearest;
UpsampleNearestGrad upsample_nearest_grad;
ResizeBilinear resize_bilinear;
ResizeBilinearGrad resize_bilinear_grad;
AffineWarp affine_warp;
AffineWarpGrad affine_warp_grad;
ElasticWarp elastic_warp;
ElasticWarpGrad elastic_warp_grad;
}  // namespace cuda

inline constexpr Kernel<MaxPool, cpu::max_pool, cuda::max_pool> max_pool;
inline constexpr Kernel<PoolTake, cpu::pool_take, cuda::pool_take> pool_take;
inline constexpr Kernel<PoolPut, cpu::pool_put, cuda::pool_put> pool_put;
inline constexpr Kernel<AvgPool, cpu::avg_pool, cuda::avg_pool> avg_pool;
inline constexpr Kernel<AvgPoolGrad, cpu::avg_pool_grad, cuda::avg_pool_grad> avg_pool_grad;
inline constexpr Kernel<Pad, cpu::pad2d, cuda::pad2d> pad2d;
inline constexpr Kernel<UpsampleNearest, cpu::upsample_nearest, cuda::upsample_nearest>
    upsample_nearest;
inline constexpr Kernel<UpsampleNearestGrad, cpu::upsample_nearest_grad,
                        cuda::upsample_nearest_grad>
    upsample_nearest_grad;
inline constexpr Kernel<ResizeBilinear, cpu::resize_bilinear, cuda::resize_bilinear>
    resize_bilinear;
inline constexpr Kernel<ResizeBilinearGrad, cpu::resize_bilinear_grad, cuda::resize_bilinear_grad>
    resize_bilinear_grad;
inline constexpr Kernel<AffineWarp, cpu::affine_warp, cuda::affine_warp> affine_warp;
inline constexpr Kernel<AffineWarpGrad, cpu::affine_warp_grad, cuda::affine_warp_grad>
    affine_warp_grad;
inline constexpr Kernel<ElasticWarp, cpu::elastic_warp, cuda::elastic_warp> elastic_warp;
inline constexpr Kernel<ElasticWarpGrad, cpu::elastic_warp_grad, cuda::elastic_warp_grad>
    elastic_warp_grad;

}  // namespace ganymede::kernels
