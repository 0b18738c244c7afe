// y[n,p,q,f] = sum over r,s,c of x[n, p sh - pt + r dh, q sw - pl + s dw, c] w[f,r,s,c]
//
// In general the tiled product of implicit_gemm.cuh with rows = output pixels, columns = filters,
// k = (r,s,c) by a few channels at a time, both operands contiguous along k. Thin ends have kernels
// of their own (thin_map.cuh); of what these do not take, few filters get a warp per output pixel,
// few channels a thread per output element.

#include <ganymede/kernels/cuda/conv.cuh>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/thin_map.cuh>
#include <ganymede/kernels/cuda/winograd.cuh>

namespace ganymede::kernels::cuda {
namespace {

// ---- the tiled product -------------------------------------------------------------------------

template <bool Wide, bool HasPrologue>
struct ForwardProblem {
  static constexpr Contraction contraction = Contraction::forward;
  static constexpr bool a_along_k = true, b_along_k = true;
  static constexpr bool direct_a = Wide && !HasPrologue, direct_b = Wide;
  static constexpr bool rereads_a = true,
                        rereads_b = false;  // a tap's pixels are the last one's, moved by one
  static constexpr Summed summed = Summed::nothing;
  ConvGeometry g;
  Prologue prologue;
  const float *x, *w;
  float* y;
  int pixels;
  bool wide_y;

  struct View {
    struct ACursor {
      const float* corner;  ///< tap (0, 0), which may lie outside the image
      int h, w;
    };
    struct ADepth {
      std::int64_t offset;
      int h, w, c;
    };
    struct BCursor {
      const float* filter;
      bool inside;
    };
    struct BDepth {
      int offset;
      bool inside;
    };
    const ForwardProblem& all;
    int m, n, k, channel, x_channel;
    bool wide;

    __device__ ACursor a_cursor(int row) const {
      const ConvGeometry& g = all.g;
      if (row >= m) return {all.x, far_outside, 0};
      const OutPixel o = out_pixel(g, row);
      const int h = o.p * g.stride_h - g.pad_top, w = o.q * g.stride_w - g.pad_left;
      return {all.x + o.image * g.x_image() + x_channel + g.x_pixel(h, w), h, w};
    }
    __device__ ADepth a_depth(int depth) const {
      const Tap t = walked_tap(all.g, depth);
      const int h = t.r * all.g.dilation_h, w = t.s * all.g.dilation_w;
      return {all.g.x_pixel(h, w) + t.c, depth < k ? h : far_outside, w, t.c};
    }
    __device__ Quad source_a(const ACursor& at, const ADepth& depth) const {
      return {at.corner + depth.offset, inside(all.g, at.h + depth.h, at.w + depth.w)};
    }
    __device__ float shaped(float v, int c) const {
      if constexpr (HasPrologue) return prologued(all.prologue, v, x_channel + c);
      return v;
    }
    __device__ float one_a(const ACursor& at, int k_of) const {
      const ADepth depth = a_depth(k_of);
      const Quad from = source_a(at, depth);
      return from.inside ? shaped(__ldg(from.at), depth.c) : 0.0f;
    }
    __device__ float4 load_a(const ACursor& at, int k_of) const {
      if constexpr (direct_a) return load4_or_zeros(source_a(at, a_depth(k_of)));
      if constexpr (!Wide)
        return make_float4(one_a(at, k_of), one_a(at, k_of + 1), one_a(at, k_of + 2),
                           one_a(at, k_of + 3));
      const ADepth depth = a_depth(k_of);
      const Quad from = source_a(at, depth);
      if (!from.inside) return make_float4(0, 0, 0, 0);
      const float4 v = load4_constant(from.at);
      return make_float4(shaped(v.x, depth.c), shaped(v.y, depth.c + 1), shaped(v.z, depth.c + 2),
                         shaped(v.w, depth.c + 3));
    }
    __device__ BCursor b_cursor(int col) const {
      return {all.w + static_cast<std::int64_t>(channel + col) * k, col < n};
    }
    __device__ BDepth b_depth(int depth) const {
      return {weight_at(all.g, walked_tap(all.g, depth)), depth < k};
    }
    __device__ Quad source_b(const BCursor& at, const BDepth& depth) const {
      return {at.filter + depth.offset, at.inside && depth.inside};
    }
    __device__ float4 load_b(const BCursor& at, int k_of) const {
      if constexpr (Wide) return load4_or_zeros(source_b(at, b_depth(k_of)));
      const auto one = [&](int i) {
        const Quad from = source_b(at, b_depth(k_of + i));
        return from.inside ? __ldg(from.at) : 0.0f;
      };
      return make_float4(one(0), one(1), one(2), one(3));
    }
    __device__ int place(int col) const { return col; }
    __device__ float* output(int row) const {
      return all.y + static_cast<std::int64_t>(row) * all.g.y_stride + channel;
    }
  };
  __device__ View view(int group) const {
    return {
        *this, pixels, g.group_filters, g.depth, group * g.group_filters, group * g.group_channels,
        wide_y};
  }
};

template <bool Wide, bool HasPrologue>
void tiled(Stream& stream, const ConvGeometry& g, const ProductExtents& e, const float* x,
           const float* w, float* y, const Prologue& prologue, const Finish& finish) {
  const ForwardProblem<Wide, HasPrologue> problem{
      g, prologue, x, w, y, e.m, wide_channels(y, g.y_stride, g.group_filters)};
  product(stream, problem, e, finish);
}

// ---- thin ends ---------------------------------------------------------------------------------

/// x at tap t of the output pixel whose tap (0, 0) lies at (h, w), ready for the product.
__device__ float input_at(const ConvGeometry& g, const Prologue& prologue, const float* image,
                          int h, int w, const Tap& t, int channel) {
  const int row = h + t.r * g.dilation_h, column = w + t.s * g.dilation_w;
  if (!inside(g, row, column)) return 0.0f;
  float v = __ldg(image + static_cast<std::int64_t>(row * g.width + column) * g.x_stride + channel);
  if (prologue.scale) v = prologued(prologue, v, channel);
  return rounded(v, g.mode);
}

/// Few filters, one group: a warp per output pixel, lanes along (r,s,c), a butterfly at the end.
template <int Filters>
__global__ void __launch_bounds__(128)
    few_filters(const __grid_constant__ ConvGeometry g, Prologue prologue, Finish finish,
                int pixels, const float* x, const float* w, float* y) {
  const std::int64_t warps = std::int64_t{gridDim.x} * 4;
  for (std::int64_t i = std::int64_t{blockIdx.x} * 4 + warp_index(); i < pixels; i += warps) {
    const OutPixel o = out_pixel(g, static_cast<int>(i));
    const float* image = x + o.image * g.x_image();
    const int h = o.p * g.stride_h - g.pad_top, column = o.q * g.stride_w - g.pad_left;
    float sum[Filters] = {};
    for (int k = lane_index(); k < g.depth; k += 32) {
      const Tap t = tap_of(g, k);
      const float v = input_at(g, prologue, image, h, column, t, t.c);
#pragma unroll
      for (int f = 0; f < Filters; ++f) sum[f] += v * rounded(__ldg(w + f * g.depth + k), g.mode);
    }
#pragma unroll
    for (int f = 0; f < Filters; ++f) sum[f] = warp_sum(sum[f]);
    if (lane_index() == 0) {
#pragma unroll
      for (int f = 0; f < Filters; ++f) y[i * g.y_stride + f] = finish.full(sum[f], f);
    }
  }
}

/// Few channels per group (depthwise included): a thread per output element, filters fastest.
__global__ void __launch_bounds__(256)
    few_channels(const __grid_constant__ ConvGeometry g, Prologue prologue, Finish finish,
                 std::int64_t count, const float* x, const float* w, float* y) {
  const int filters = g.groups * g.group_filters;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const int pixel = static_cast<int>(i / filters);
    const int f = static_cast<int>(i - static_cast<std::int64_t>(pixel) * filters);
    const OutPixel o = out_pixel(g, pixel);
    const float* image = x + o.image * g.x_image();
    const float* filter = w + static_cast<std::int64_t>(f) * g.depth;
    const int first_channel = f / g.group_filters * g.group_channels;
    const int h = o.p * g.stride_h - g.pad_top, column = o.q * g.stride_w - g.pad_left;
    float sum = 0.0f;
    Tap t{0, 0, 0};
    for (int k = 0; k < g.depth; ++k) {
      sum += input_at(g, prologue, image, h, column, t, first_channel + t.c) *
             rounded(__ldg(filter + k), g.mode);
      if (++t.c < g.group_channels) continue;
      t.c = 0;
      if (++t.s < g.kernel_w) continue;
      t.s = 0;
      ++t.r;
    }
    y[pixel * g.y_stride + f] = finish.full(sum, f);
  }
}

template <int Filters>
void run_few_filters(Stream& stream, const ConvGeometry& g, const float* x, const float* w,
                     float* y, const Prologue& prologue, const Finish& finish) {
  const int pixels = g.batch * g.out_height * g.out_width;
  launch(stream, grid_for(pixels, 4, 1u << 20), 128, 0, few_filters<Filters>, g, prologue, finish,
         pixels, x, w, y);
}

void thin_forward(Stream& stream, const ConvGeometry& g, const float* x, const float* w, float* y,
                  const Prologue& prologue, const Finish& finish) {
  ThinMap map;
  if (map_of_output(g, map)) {
    const auto with = g.group_channels <= most_thin_channels ? thin_spread : thin_gather;
    if (with(stream, map, prologue, finish, x, w, y)) return;
  }
  if (g.groups == 1 && g.group_filters <= most_thin_channels &&
      g.group_channels > most_thin_channels) {
    constexpr decltype(&run_few_filters<1>) by_filters[] = {run_few_filters<1>, run_few_filters<2>,
                                                            run_few_filters<3>, run_few_filters<4>};
    return by_filters[g.group_filters - 1](stream, g, x, w, y, prologue, finish);
  }
  const std::int64_t count =
      std::int64_t{g.batch} * g.out_height * g.out_width * g.groups * g.group_filters;
  launch(stream, grid_for(count, 256, 1u << 20), 256, 0, few_channels, g, prologue, finish, count,
         x, w, y);
}

}  // namespace

void conv2d(Stream& stream, const ConvShape& shape, const float* x, const float* w, float* y,
            const Prologue& prologue, const Epilogue& epilogue) {
  check(shape, "conv2d");
  const ConvGeometry g = geometry(shape, "conv2d", stream.math_mode());
  const bool narrow = takes_thin_kernel(Contraction::forward, shape);
  const Finish finish = fused_part(epilogue, narrow);
  const auto filtering = winograd_on(stream, shape, Contraction::forward);
  if (filtering && winograd_applies(prologue)) {
    winograd_forward(stream, *filtering, shape, x, w, y, prologue, finish);
  } else if (narrow) {
    thin_forward(stream, g, x, w, y, prologue, finish);
  } else {
    const bool wide = wide_channels(x, g.x_stride, g.group_channels) && aligned16(w);
    const auto with = wide ? (prologue.scale ? tiled<true, true> : tiled<true, false>)
                           : (prologue.scale ? tiled<false, true> : tiled<false, false>);
    with(stream, g, product_extents(Contraction::forward, shape), x, w, y, prologue, finish);
  }
  complete(stream, epilogue, narrow, std::int64_t{g.batch} * g.out_height * g.out_width,
           shape.filters, g.y_stride, y);
}

}  // namespace ganymede::kernels::cuda
