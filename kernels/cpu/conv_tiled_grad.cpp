// Gradients by register tiles.
//
// The input gradient is cut into stride_h x stride_w phases: the pixels of gx that share their
// taps. Each phase is an ordinary convolution of gy with some of the taps, so nothing is scattered.
//
// The weight gradient is, per tap, a product over pixels: rows are filters, columns are channels (a
// whole row of the window where its pixels are neighbours), summed over all images in registers.

#include <ganymede/kernels/cpu/conv_tiled.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>

namespace ganymede::kernels::cpu::tiled {
namespace {

// One axis of the input gradient: pixel i = first + t stride of phase `first` receives tap r where
// i + pad - r dilation is a multiple of the stride, from output t + offset.
struct AxisTap {
  int tap, offset;
};

std::vector<AxisTap> axis_taps(int first, int pad, int kernel, int stride, int dilation) {
  std::vector<AxisTap> taps;
  for (int r = 0; r < kernel; ++r) {
    const int distance = first + pad - r * dilation;
    if (distance % stride == 0) taps.push_back({r, distance / stride});
  }
  return taps;
}

int phase_extent(int extent, int first, int stride) {
  return extent > first ? (extent - first + stride - 1) / stride : 0;
}

// Zeros that the phases of one axis need before and after gy.
struct AxisMargin {
  int before = 0, after = 0;
};

AxisMargin axis_margin(int extent, int out, int pad, int kernel, int stride, int dilation) {
  AxisMargin margin;
  for (int first = 0; first < std::min(stride, extent); ++first)
    for (const AxisTap& tap : axis_taps(first, pad, kernel, stride, dilation)) {
      margin.before = std::max(margin.before, -tap.offset);
      margin.after = std::max(margin.after, phase_extent(extent, first, stride) + tap.offset - out);
    }
  return margin;
}

Taps phase_taps(const ConvShape& s, const Padded& gy, const AxisMargin& top, const AxisMargin& left,
                int i, int j) {
  const std::int64_t depth = s.filters / s.groups, channels = s.channels / s.groups;
  const std::int64_t filter = channels * s.kernel_h * s.kernel_w;
  Taps t{{}, {}, depth, 1, filter, depth * filter, s.groups, static_cast<int>(channels)};
  for (const AxisTap& r : axis_taps(i, s.pad_top, s.kernel_h, s.stride_h, s.dilation_h))
    for (const AxisTap& c : axis_taps(j, s.pad_left, s.kernel_w, s.stride_w, s.dilation_w)) {
      t.input.push_back((top.before + r.offset) * gy.row + (left.before + c.offset) * gy.pixel);
      t.weight.push_back((std::int64_t{r.tap} * s.kernel_w + c.tap) * channels);
    }
  return t;
}

// Places of the image rows in gy and in x, for a product over all pixels.
struct ImageRows {
  std::vector<std::int64_t> x, gy;
};

ImageRows image_rows(const ConvShape& s, const Padded& x) {
  ImageRows rows;
  const std::int64_t out_row = std::int64_t{s.out_width()} * s.filters;
  for (int n = 0; n < s.batch; ++n)
    for (int p = 0; p < s.out_height(); ++p) {
      rows.x.push_back(n * x.image + p * s.stride_h * x.row);
      rows.gy.push_back((std::int64_t{n} * s.out_height() + p) * out_row);
    }
  return rows;
}

}  // namespace

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  const AxisMargin top =
      axis_margin(s.height, s.out_height(), s.pad_top, s.kernel_h, s.stride_h, s.dilation_h);
  const AxisMargin left =
      axis_margin(s.width, s.out_width(), s.pad_left, s.kernel_w, s.stride_w, s.dilation_w);
  const Padded padded = pad(stream, s.batch, s.out_height(), s.out_width(), s.filters,
                            {top.before, left.before, top.after, left.after}, gy);
  const std::int64_t row = std::int64_t{s.width} * s.channels;
  for (int i = 0; i < std::min(s.stride_h, s.height); ++i)
    for (int j = 0; j < std::min(s.stride_w, s.width); ++j) {
      const Lattice lattice{phase_extent(s.height, i, s.stride_h),
                            phase_extent(s.width, j, s.stride_w),
                            padded.row,
                            padded.pixel,
                            s.height * row,
                            s.stride_h * row,
                            std::int64_t{s.stride_w} * s.channels};
      convolve(stream, s.batch, padded, phase_taps(s, padded, top, left, i, j), lattice, w,
               gx + i * row + std::int64_t{j} * s.channels, fused);
    }
}

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  const Padded padded = pad(stream, s.batch, s.height, s.width, s.channels,
                            {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}, x);
  const ImageRows rows = image_rows(s, padded);
  const bool whole_rows = s.dilation_w == 1 && s.groups == 1;
  const std::int64_t channels = s.channels / s.groups, filters = s.filters / s.groups;
  const std::int64_t columns = whole_rows ? channels * s.kernel_w : channels;
  const std::int64_t taps = std::int64_t{s.kernel_h} * (whole_rows ? 1 : s.kernel_w);
  const std::int64_t panels = (columns + tile_columns - 1) / tile_columns;
  const std::int64_t filter = channels * s.kernel_h * s.kernel_w;
  // Image rows taken together, so that all taps find them in the second-level cache.
  constexpr std::int64_t cache = 1 << 17;
  const std::int64_t row = s.stride_h * padded.row + std::int64_t{s.out_width()} * s.filters;
  const std::int64_t all = std::int64_t{s.batch} * s.out_height();
  const std::int64_t block = std::clamp<std::int64_t>(cache / row, 1, all);
  parallel_for(s.groups * taps * panels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = 0; first < all; first += block)
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t column = i % panels * tile_columns, tap = i / panels % taps;
        const std::int64_t group = i / panels / taps;
        const std::int64_t r = whole_rows ? tap : tap / s.kernel_w;
        const std::int64_t c = whole_rows ? 0 : tap % s.kernel_w;
        const TileOperands operands{.a = gy + group * filters,
                                    .b = padded.data + r * s.dilation_h * padded.row +
                                         c * s.dilation_w * padded.pixel + group * channels +
                                         column,
                                    .a_row = 1,
                                    .a_step = s.filters,
                                    .b_step = s.stride_w * padded.pixel,
                                    .depth = s.out_width(),
                                    .taps = static_cast<int>(std::min(block, all - first)),
                                    .a_tap = rows.gy.data() + first,
                                    .b_tap = rows.x.data() + first};
        tiles(filters, std::min<std::int64_t>(tile_columns, columns - column), operands, 0,
              gw + group * filters * filter + (r * s.kernel_w + c) * channels + column, filter,
              first > 0);
      }
  });
}

}  // namespace ganymede::kernels::cpu::tiled
