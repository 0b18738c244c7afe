// gx[n,h,w,c] = sum over (p,q,r,s) with h = p sh - pt + r dh, w = q sw - pl + s dw, and over f, of
//               gy[n,p,q,f] w[f,r,s,c]
// and the transposed convolution, which is the same map used forward.
//
// By stride phases: the pixels with equal (h + pt) mod sh and (w + pl) mod sw see the same taps, a
// dense convolution of their own without holes. Each phase is one tiled product (rows = pixels of
// the phase, columns = channels, k = (tap, f) by a few filters at a time), told apart by
// blockIdx.z: one launch, every element of gx written once, no scatter and no atomics. Thin ends
// have kernels of their own.

#include <algorithm>
#include <limits>
#include <type_traits>

#include <ganymede/kernels/stride_phase.h>
#include <ganymede/kernels/cuda/conv.cuh>
#include <ganymede/kernels/cuda/implicit_gemm.cuh>
#include <ganymede/kernels/cuda/thin_map.cuh>
#include <ganymede/kernels/cuda/winograd.cuh>

namespace ganymede::kernels::cuda {
namespace {

/// All phases and what their kernels divide by, worked out on the host.
struct InputPhases {
  static constexpr int most = 4;  ///< along an axis; larger strides take the kernel for any shape
  AxisPhase rows[most], columns[most];
  Divisor by_taps[most], by_count[most];  ///< of columns
  Divisor by_pixels[most][most];          ///< of a phase in an image
  TapWalk walks[most][most];              ///< over a phase's taps and the filters
};

Divisor divisor_of(int n) { return Divisor(std::max(n, 1)); }

InputPhases input_phases(const ConvGeometry& g) {
  InputPhases all;
  for (int j = 0; j < g.stride_w; ++j) {
    const AxisPhase columns =
        axis_phase(j, g.width, g.kernel_w, g.stride_w, g.dilation_w, g.pad_left);
    all.columns[j] = columns;
    all.by_taps[j] = divisor_of(columns.taps);
    all.by_count[j] = divisor_of(columns.count);
  }
  for (int i = 0; i < g.stride_h; ++i) {
    all.rows[i] = axis_phase(i, g.height, g.kernel_h, g.stride_h, g.dilation_h, g.pad_top);
    for (int j = 0; j < g.stride_w; ++j) {
      all.by_pixels[i][j] = divisor_of(all.rows[i].count * all.columns[j].count);
      all.walks[i][j] = TapWalk(g.group_filters, all.rows[i].taps * all.columns[j].taps);
    }
  }
  return all;
}

// ---- the tiled product -------------------------------------------------------------------------

template <bool Wide>
struct InputGradProblem {
  static constexpr Contraction contraction = Contraction::input_grad;
  static constexpr bool a_along_k = true, b_along_k = false;
  static constexpr bool direct_a = Wide, direct_b = Wide, rereads_a = true, rereads_b = false;
  static constexpr Summed summed = Summed::nothing;
  ConvGeometry g;
  InputPhases phases;
  const float *gy, *w;
  float* gx;
  bool wide_gx;

  /// Into gy: registers are short where copies are under way (input_grad() sees that they fit).
  using Offset = std::conditional_t<Wide, int, std::int64_t>;

  struct View {
    struct ACursor {
      Offset corner;  ///< gy's place of tap (0, 0), which may lie outside
      int p, q;
    };
    struct ADepth {
      Offset offset;
      int p, q;
    };
    struct BCursor {
      int c;
    };
    struct BDepth {
      const float* row;  ///< the weights of a tap and filter
      bool inside;
    };
    const InputGradProblem& all;
    const AxisPhase &rows, &columns;
    const Divisor &by_taps, &by_count, &by_pixels;
    const TapWalk& walk;
    int m, n, k, channel, filter;
    bool wide;

    struct Pixel {
      int image, i, j;  ///< row and column of the phase
    };
    __device__ Pixel pixel(int row) const {
      const int image = by_pixels.quotient(row), rest = row - image * by_pixels.value();
      const int i = by_count.quotient(rest);
      return {image, i, rest - i * columns.count};
    }
    __device__ ACursor a_cursor(int row) const {
      if (row >= m) return {0, far_outside, 0};
      const Pixel at = pixel(row);
      const int p = rows.origin + at.i, q = columns.origin + at.j;
      return {static_cast<Offset>(at.image * all.g.y_image() + filter + all.g.y_pixel(p, q)), p, q};
    }
    struct WalkedTap {
      int i, j, f;  ///< row and column of the phase's taps
    };
    __device__ WalkedTap walked_tap(int depth) const {
      const TapWalk::Step step = walk.at(depth);
      const int i = by_taps.quotient(step.tap);
      return {i, step.tap - i * columns.taps, step.channel};
    }
    __device__ ADepth a_depth(int depth) const {
      const WalkedTap t = walked_tap(depth);
      const int p = -t.i * rows.source_step, q = -t.j * columns.source_step;
      return {static_cast<Offset>(all.g.y_pixel(p, q)) + t.f, depth < k ? p : far_outside, q};
    }
    __device__ Quad source_a(const ACursor& at, const ADepth& depth) const {
      const int p = at.p + depth.p, q = at.q + depth.q;
      return {all.gy + (at.corner + depth.offset),
              static_cast<unsigned>(p) < static_cast<unsigned>(all.g.out_height) &&
                  static_cast<unsigned>(q) < static_cast<unsigned>(all.g.out_width)};
    }
    __device__ float4 load_a(const ACursor& at, int k_of) const {
      if constexpr (Wide) return load4_or_zeros(source_a(at, a_depth(k_of)));
      const auto one = [&](int e) {
        const Quad from = source_a(at, a_depth(k_of + e));
        return from.inside ? __ldg(from.at) : 0.0f;
      };
      return make_float4(one(0), one(1), one(2), one(3));
    }
    __device__ BCursor b_cursor(int col) const { return {col}; }
    __device__ BDepth b_depth(int depth) const {
      const WalkedTap t = walked_tap(depth);
      const int r = rows.tap0 + t.i * rows.tap_step, s = columns.tap0 + t.j * columns.tap_step;
      return {all.w + static_cast<std::int64_t>(filter + t.f) * all.g.depth +
                  weight_at(all.g, {r, s, 0}),
              depth < k};
    }
    __device__ Quad source_b(const BCursor& at, const BDepth& depth) const {
      return {depth.row + at.c, depth.inside && at.c < n};
    }
    __device__ float4 load_b(const BCursor& at, int k_of) const {
      const Quad from = source_b(at, b_depth(k_of));
      if constexpr (Wide) return load4_or_zeros(from);
      const auto one = [&](int e) {
        return from.inside && at.c + e < n ? __ldg(from.at + e) : 0.0f;
      };
      return make_float4(one(0), one(1), one(2), one(3));
    }
    __device__ int place(int col) const { return col; }
    __device__ float* output(int row) const {
      const Pixel at = pixel(row);
      const int h = rows.first + at.i * all.g.stride_h, w = columns.first + at.j * all.g.stride_w;
      return all.gx + at.image * all.g.x_image() +
             static_cast<std::int64_t>(h * all.g.width + w) * all.g.x_stride + channel;
    }
  };
  __device__ View view(int z) const {
    const int phase = z / g.groups, group = z - phase * g.groups;
    const int i = phase / g.stride_w, j = phase - i * g.stride_w;
    const AxisPhase &rows = phases.rows[i], &columns = phases.columns[j];
    return {*this,
            rows,
            columns,
            phases.by_taps[j],
            phases.by_count[j],
            phases.by_pixels[i][j],
            phases.walks[i][j],
            g.batch * rows.count * columns.count,
            g.group_channels,
            rows.taps * columns.taps * g.group_filters,
            group * g.group_channels,
            group * g.group_filters,
            wide_gx};
  }
};

template <bool Wide>
void tiled(Stream& stream, const ConvGeometry& g, const ProductExtents& e, const float* gy,
           const float* w, float* gx, const Finish& finish) {
  const InputGradProblem<Wide> problem{
      g, input_phases(g), gy, w, gx, wide_channels(gx, g.x_stride, g.group_channels)};
  product(stream, problem, e, finish);
}

// ---- thin ends ---------------------------------------------------------------------------------

/// The place p in gy that tap r joins to input place h, or -1.
__device__ int joined(int h, int r, int stride, int dilation, int pad, int extent) {
  const int at = h + pad - r * dilation;
  if (at < 0 || at % stride != 0) return -1;
  return at / stride < extent ? at / stride : -1;
}

struct InPixel {
  int image, h, w;
};
__device__ InPixel in_pixel(const ConvGeometry& g, int i) {
  const int line = i / g.width, image = line / g.height;
  return {image, line - image * g.height, i - line * g.width};
}

/// Calls f(gy pixel, tap) for every output pixel that reads this input pixel, taps ascending.
template <class F>
__device__ void for_readers(const ConvGeometry& g, const InPixel& at, const float* gy, F f) {
  const float* image = gy + at.image * g.y_image();
  for (int r = 0; r < g.kernel_h; ++r) {
    const int p = joined(at.h, r, g.stride_h, g.dilation_h, g.pad_top, g.out_height);
    if (p < 0) continue;
    for (int s = 0; s < g.kernel_w; ++s) {
      const int q = joined(at.w, s, g.stride_w, g.dilation_w, g.pad_left, g.out_width);
      if (q >= 0)
        f(image + static_cast<std::int64_t>(p * g.out_width + q) * g.y_stride, r * g.kernel_w + s);
    }
  }
}

/// Few channels, one group: a warp per input pixel, lanes along the filters.
template <int Channels>
__global__ void __launch_bounds__(128)
    few_channels(const __grid_constant__ ConvGeometry g, Finish finish, int pixels, const float* gy,
                 const float* w, float* gx) {
  const std::int64_t warps = std::int64_t{gridDim.x} * 4;
  for (std::int64_t i = std::int64_t{blockIdx.x} * 4 + warp_index(); i < pixels; i += warps) {
    float sum[Channels] = {};
    for_readers(g, in_pixel(g, static_cast<int>(i)), gy, [&](const float* source, int tap) {
      for (int f = lane_index(); f < g.group_filters; f += 32) {
        const float v = rounded(__ldg(source + f), g.mode);
        const float* weight = w + static_cast<std::int64_t>(f) * g.depth + tap * Channels;
#pragma unroll
        for (int c = 0; c < Channels; ++c) sum[c] += v * rounded(__ldg(weight + c), g.mode);
      }
    });
#pragma unroll
    for (int c = 0; c < Channels; ++c) sum[c] = warp_sum(sum[c]);
    if (lane_index() == 0) {
#pragma unroll
      for (int c = 0; c < Channels; ++c) gx[i * g.x_stride + c] = finish.full(sum[c], c);
    }
  }
}

/// Few filters per group (depthwise included), and strides beyond the phases' count: a thread per
/// element of gx, channels fastest.
__global__ void __launch_bounds__(256)
    few_filters(const __grid_constant__ ConvGeometry g, Finish finish, std::int64_t count,
                const float* gy, const float* w, float* gx) {
  const int channels = g.groups * g.group_channels;
  for (std::int64_t i = grid_first(); i < count; i += grid_stride()) {
    const int pixel = static_cast<int>(i / channels);
    const int c = static_cast<int>(i - static_cast<std::int64_t>(pixel) * channels);
    const int group = c / g.group_channels, inner = c - group * g.group_channels;
    const int filter = group * g.group_filters;
    float sum = 0.0f;
    for_readers(g, in_pixel(g, pixel), gy, [&](const float* source, int tap) {
      const float* weight =
          w + static_cast<std::int64_t>(filter) * g.depth + tap * g.group_channels + inner;
      for (int f = 0; f < g.group_filters; ++f)
        sum += rounded(__ldg(source + filter + f), g.mode) *
               rounded(__ldg(weight + static_cast<std::int64_t>(f) * g.depth), g.mode);
    });
    gx[pixel * g.x_stride + c] = finish.full(sum, c);
  }
}

template <int Channels>
void run_few_channels(Stream& stream, const ConvGeometry& g, const float* gy, const float* w,
                      float* gx, const Finish& finish) {
  const int pixels = g.batch * g.height * g.width;
  launch(stream, grid_for(pixels, 4, 1u << 20), 128, 0, few_channels<Channels>, g, finish, pixels,
         gy, w, gx);
}

void thin_input_grad(Stream& stream, const ConvGeometry& g, const float* gy, const float* w,
                     float* gx, const Finish& finish) {
  ThinMap map;
  if (map_of_input(g, map)) {
    const auto with = g.group_filters <= most_thin_channels ? thin_spread : thin_gather;
    if (with(stream, map, {}, finish, gy, w, gx)) return;
  }
  if (g.groups == 1 && g.group_filters > most_thin_channels &&
      g.group_channels <= most_thin_channels) {
    constexpr decltype(&run_few_channels<1>) by_channels[] = {
        run_few_channels<1>, run_few_channels<2>, run_few_channels<3>, run_few_channels<4>};
    return by_channels[g.group_channels - 1](stream, g, gy, w, gx, finish);
  }
  const std::int64_t count =
      std::int64_t{g.batch} * g.height * g.width * g.groups * g.group_channels;
  launch(stream, grid_for(count, 256, 1u << 20), 256, 0, few_filters, g, finish, count, gy, w, gx);
}

void input_grad(Stream& stream, const ConvShape& shape, const char* op, const float* gy,
                const float* w, float* gx, const Epilogue& epilogue) {
  check(shape, op);
  const ConvGeometry g = geometry(shape, op, stream.math_mode());
  const bool narrow = takes_thin_kernel(Contraction::input_grad, shape) ||
                      std::max(g.stride_h, g.stride_w) > InputPhases::most;
  const Finish finish = fused_part(epilogue, narrow);
  if (const auto filtering = winograd_on(stream, shape, Contraction::input_grad)) {
    winograd_input_grad(stream, *filtering, shape, gy, w, gx, finish);
  } else if (narrow) {
    thin_input_grad(stream, g, gy, w, gx, finish);
  } else {
    const bool wide =
        wide_channels(gy, g.y_stride, g.group_filters) && aligned16(w) &&
        g.group_channels % 4 == 0 &&
        g.batch * g.y_image() < std::numeric_limits<int>::max() / 2;  // and places outside
    const ProductExtents e = product_extents(Contraction::input_grad, shape);
    (wide ? tiled<true> : tiled<false>)(stream, g, e, gy, w, gx, finish);
  }
  complete(stream, epilogue, narrow, std::int64_t{g.batch} * g.height * g.width, shape.channels,
           g.x_stride, gx);
}

}  // namespace

void conv2d_input_grad(Stream& stream, const ConvShape& shape, const float* gy, const float* w,
                       float* gx, const Epilogue& epilogue) {
  input_grad(stream, shape, "conv2d_input_grad", gy, w, gx, epilogue);
}

void conv_transpose2d(Stream& stream, const ConvShape& shape, const float* gy, const float* w,
                      float* gx, const Epilogue& epilogue) {
  input_grad(stream, shape, "conv_transpose2d", gy, w, gx, epilogue);
}

}  // namespace ganymede::kernels::cuda
