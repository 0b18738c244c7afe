// gw[f,r,s,c] = sum over n,p,q of gy[n,p,q,f] x[n, p sh - pt + r dh, q sw - pl + s dw, c]
//
// In general the tiled product of implicit_gemm.cuh with rows = filters, columns = (r,s,c) by a few
// channels at a time, k = output pixels: few rows and columns, a long k, so k is split over the
// device. Both operands run along rows and columns in memory. Thin ends have kernels of their own
// (thin_map.cuh); what these do not take gets a thread per element of gw over a stretch of pixels,
// and a second pass adds the stretches in order. gbias is summed beside gw.

#include <ganymede/kernels/cuda/conv.cuh>
#include <ganymede/kernels/cuda/fold.cuh>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/thin_map.cuh>
#include <ganymede/kernels/cuda/winograd.cuh>

namespace ganymede::kernels::cuda {
namespace {

template <bool Wide>
struct WeightGradProblem {
  static constexpr Contraction contraction = Contraction::weight_grad;
  static constexpr bool a_along_k = false, b_along_k = false;
  static constexpr bool direct_a = Wide, direct_b = Wide, rereads_a = false,
                        rereads_b = true;  // a tile's taps see the same pixels in turn
  static constexpr Summed summed = Summed::rows;
  ConvGeometry g;
  const float *x, *gy;
  float *gw, *gbias;  ///< gbias may be null
  int pixels;
  bool wide_gw;

  struct View {
    struct ACursor {
      int f;
    };
    struct ADepth {
      const float* pixel;
      bool inside;
    };
    struct BCursor {  ///< of column `col` and, where four share one, its tap
      std::int64_t offset;
      int col, h, w;
    };
    struct BDepth {
      const float* corner;  ///< tap (0, 0) of the pixel, which may lie outside the image
      int h, w;
    };
    const WeightGradProblem& all;
    int m, n, k, channel, filter, x_channel;
    bool wide;
    float* sums;

    __device__ ACursor a_cursor(int row) const { return {row}; }
    __device__ ADepth a_depth(int pixel) const {
      return {all.gy + static_cast<std::int64_t>(pixel) * all.g.y_stride + filter, pixel < k};
    }
    __device__ Quad source_a(const ACursor& at, const ADepth& depth) const {
      return {depth.pixel + at.f, depth.inside && at.f < m};
    }
    __device__ float4 load_a(const ACursor& at, int pixel) const {
      const Quad from = source_a(at, a_depth(pixel));
      if constexpr (Wide) return load4_or_zeros(from);
      const auto one = [&](int e) {
        return from.inside && at.f + e < m ? __ldg(from.at + e) : 0.0f;
      };
      return make_float4(one(0), one(1), one(2), one(3));
    }
    __device__ BCursor b_cursor(int col) const {
      const ConvGeometry& g = all.g;
      const Tap t = walked_tap(g, col < n ? col : 0);
      const int h = t.r * g.dilation_h, w = t.s * g.dilation_w;
      return {g.x_pixel(h, w) + t.c, col, col < n ? h : far_outside, w};
    }
    __device__ BDepth b_depth(int pixel) const {
      const ConvGeometry& g = all.g;
      const OutPixel o = out_pixel(g, pixel);
      const int h = o.p * g.stride_h - g.pad_top, w = o.q * g.stride_w - g.pad_left;
      return {all.x + o.image * g.x_image() + g.x_pixel(h, w) + x_channel,
              pixel < k ? h : far_outside, w};
    }
    __device__ Quad source_b(const BCursor& at, const BDepth& depth) const {
      return {depth.corner + at.offset, inside(all.g, depth.h + at.h, depth.w + at.w)};
    }
    __device__ float4 load_b(const BCursor& at, int pixel) const {
      const BDepth depth = b_depth(pixel);
      if constexpr (Wide) return load4_or_zeros(source_b(at, depth));
      const auto one = [&](int e) {
        const Quad from = source_b(b_cursor(at.col + e), depth);
        return from.inside ? __ldg(from.at) : 0.0f;
      };
      return make_float4(one(0), one(1), one(2), one(3));
    }
    __device__ int place(int col) const { return weight_at(all.g, walked_tap(all.g, col)); }
    __device__ float* output(int row) const {
      return all.gw + static_cast<std::int64_t>(filter + row) * n;
    }
  };
  __device__ View view(int group) const {
    return {*this,
            g.group_filters,
            g.depth,
            pixels,
            0,
            group * g.group_filters,
            group * g.group_channels,
            wide_gw,
            gbias ? gbias + group * g.group_filters : nullptr};
  }
};

template <bool Wide>
void tiled(Stream& stream, const ConvGeometry& g, const ProductExtents& e, const float* x,
           const float* gy, float* gw, float* gbias) {
  const WeightGradProblem<Wide> problem{
      g, x, gy, gw, gbias, e.k, aligned16(gw) && g.depth % 4 == 0};
  product(stream, problem, e, Finish{});
}

/// Thin ends: gw as a fold over pixels, outputs (f, r, s, c), and for gbias one more of each
/// filter. `filters_fastest` numbers them so that neighbouring threads read neighbouring memory of
/// the wide side.
struct ThinWeightGrad {
  using State = float;
  static constexpr int unroll = 4;
  ConvGeometry g;
  bool filters_fastest;
  const float *x, *gy;
  float *gw, *gbias;  ///< gbias may be null

  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }

  struct Place {
    int filter, k;
  };
  __device__ Place place(std::int64_t i) const {
    const int n = static_cast<int>(i), filters = g.groups * g.group_filters;
    if (filters_fastest) return {n % filters, n / filters};
    const int depth = gbias ? g.depth + 1 : g.depth;
    return {n / depth, n % depth};
  }
  __device__ void add(State& sum, std::int64_t, std::int64_t i, std::int64_t pixel) const {
    const Place at = place(i);
    const float gradient = __ldg(gy + pixel * g.y_stride + at.filter);
    if (at.k == g.depth) {
      sum += gradient;
      return;
    }
    const Tap t = tap_of(g, at.k);
    const OutPixel o = out_pixel(g, static_cast<int>(pixel));
    const int h = o.p * g.stride_h - g.pad_top + t.r * g.dilation_h;
    const int w = o.q * g.stride_w - g.pad_left + t.s * g.dilation_w;
    if (!inside(g, h, w)) return;
    const int channel = at.filter / g.group_filters * g.group_channels + t.c;
    const float v = __ldg(x + o.image * g.x_image() +
                          static_cast<std::int64_t>(h * g.width + w) * g.x_stride + channel);
    sum += rounded(v, g.mode) * rounded(gradient, g.mode);
  }
  __device__ void finish(std::int64_t, std::int64_t i, State sum) const {
    const Place at = place(i);
    if (at.k == g.depth)
      gbias[at.filter] = sum;
    else
      gw[static_cast<std::int64_t>(at.filter) * g.depth + at.k] = sum;
  }
};

void thin_weight_grad(Stream& stream, const ConvGeometry& g, const float* x, const float* gy,
                      float* gw, float* gbias) {
  ThinMap map;
  const bool few_channels = g.group_channels <= most_thin_channels;
  const bool done =
      few_channels ? map_of_output(g, map) && thin_gradient(stream, map, x, gy, gw, gbias, true)
                   : map_of_input(g, map) && thin_gradient(stream, map, gy, x, gw, gbias, false);
  if (done) return;
  const std::int64_t filters = std::int64_t{g.groups} * g.group_filters;
  const int elements = checked_extent(filters * (g.depth + (gbias ? 1 : 0)), "conv2d_weight_grad");
  const std::int64_t pixels = std::int64_t{g.batch} * g.out_height * g.out_width;
  fold(stream, {1, elements, pixels, FoldLayout::columns},
       ThinWeightGrad{g, few_channels, x, gy, gw, gbias});
}

}  // namespace

void conv2d_weight_grad(Stream& stream, const ConvShape& shape, const float* x, const float* gy,
                        float* gw, float* gbias) {
  check(shape, "conv2d_weight_grad");
  const ConvGeometry g = geometry(shape, "conv2d_weight_grad", stream.math_mode());
  if (const auto filtering = winograd_on(stream, shape, Contraction::weight_grad)) {
    winograd_weight_grad(stream, *filtering, shape, x, gy, gw);
    if (gbias)
      column_sums(stream, std::int64_t{g.batch} * g.out_height * g.out_width, shape.filters,
                  g.y_stride, gy, gbias);
  } else if (takes_thin_kernel(Contraction::weight_grad, shape)) {
    thin_weight_grad(stream, g, x, gy, gw, gbias);
  } else {
    const bool wide = wide_channels(x, g.x_stride, g.group_channels) &&
                      wide_channels(gy, g.y_stride, g.group_filters);
    const ProductExtents e = product_extents(Contraction::weight_grad, shape);
    (wide ? tiled<true> : tiled<false>)(stream, g, e, x, gy, gw, gbias);
  }
}

}  // namespace ganymede::kernels::cuda
