// Direct convolution by register tiles. Images are copied into zero-padded ones, so that no tap
// needs a bound; weights into panels of tile_columns outputs. A tile is tile_rows neighbouring
// pixels of a row times a panel, summed over all taps in registers.

#include <ganymede/kernels/cpu/conv_tiled.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>

namespace ganymede::kernels::cpu::tiled {
namespace {

std::int64_t panels_of(const Taps& t) { return (t.outputs + tile_columns - 1) / tile_columns; }
std::int64_t panel_size(const Taps& t) {
  return static_cast<std::int64_t>(t.input.size()) * t.depth * tile_columns;
}

// Weights as panels: [group][panel][tap][depth][tile_columns], zero beyond the outputs.
Workspace pack(Stream& stream, const Taps& t, const float* w) {
  const std::int64_t count = t.groups * panels_of(t), size = panel_size(t);
  Workspace block = workspace(stream, count * size);
  auto* packed = static_cast<float*>(block.data());
  parallel_for(count, row_grain(size), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i % panels_of(t) * tile_columns;
      const std::int64_t width = std::min<std::int64_t>(tile_columns, t.outputs - first);
      float* to = packed + i * size;
      for (const std::int64_t tap : t.weight) {
        const float* from = w + i / panels_of(t) * t.group_step + tap + first * t.out_step;
        for (std::int64_t d = 0; d < t.depth; ++d, to += tile_columns, from += t.depth_step) {
          for (std::int64_t j = 0; j < width; ++j) to[j] = from[j * t.out_step];
          std::fill(to + width, to + tile_columns, 0.0f);
        }
      }
    }
  });
  return block;
}

void finish_row(std::int64_t columns, std::int64_t step, std::int64_t channels, const Fused& f,
                float* y) {
  if (f.nothing()) return;
  for (std::int64_t q = 0; q < columns; ++q, y += step) {
#pragma omp simd
    for (std::int64_t c = 0; c < channels; ++c)
      y[c] = functor::leaky_relu(y[c] + (f.bias ? f.bias[c] : 0.0f), f.slope);
  }
}

}  // namespace

Padded pad(Stream& stream, int batch, int height, int width, int channels, const Margins& m,
           const float* x) {
  Padded p;
  p.pixel = channels;
  p.row = std::int64_t{width + m.left + m.right} * channels;
  const std::int64_t rows = height + m.top + m.bottom;
  p.image = rows * p.row;
  p.block = workspace(stream, batch * p.image + tile_columns);  // tiles read whole vectors
  auto* to = static_cast<float*>(p.block.data());
  std::fill_n(to + batch * p.image, tile_columns, 0.0f);
  parallel_for(batch * rows, row_grain(p.row), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t h = i % rows - m.top;
      float* line = to + i * p.row;
      if (h < 0 || h >= height) {
        std::fill_n(line, p.row, 0.0f);
        continue;
      }
      const std::int64_t content = std::int64_t{width} * channels;
      std::fill_n(line, std::int64_t{m.left} * channels, 0.0f);
      std::copy_n(x + (i / rows * height + h) * content, content,
                  line + std::int64_t{m.left} * channels);
      std::fill_n(line + std::int64_t{m.left + width} * channels, std::int64_t{m.right} * channels,
                  0.0f);
    }
  });
  p.data = to;
  return p;
}

void convolve(Stream& stream, int batch, const Padded& x, const Taps& t, const Lattice& l,
              const float* w, float* y, const Fused& fused) {
  const Workspace block = pack(stream, t, w);
  const auto* packed = static_cast<const float*>(block.data());
  std::vector<std::int64_t> panel_tap;
  for (std::size_t tap = 0; tap < t.input.size(); ++tap)
    panel_tap.push_back(static_cast<std::int64_t>(tap) * t.depth * tile_columns);
  const std::int64_t in_group = x.pixel / t.groups;
  parallel_for(batch * l.rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* from = x.data + i / l.rows * x.image + i % l.rows * l.in_row;
      float* to = y + i / l.rows * l.out_image + i % l.rows * l.out_row;
      for (int g = 0; g < t.groups; ++g) {
        const TileOperands operands{.a = from + g * in_group,
                                    .b = packed + g * panels_of(t) * panel_size(t),
                                    .a_row = l.in_column,
                                    .a_step = 1,
                                    .b_step = tile_columns,
                                    .depth = t.depth,
                                    .taps = static_cast<int>(t.input.size()),
                                    .a_tap = t.input.data(),
                                    .b_tap = panel_tap.data()};
        tiles(l.columns, t.outputs, operands, panel_size(t), to + g * t.outputs, l.out_column,
              false);
      }
      finish_row(l.columns, l.out_column, std::int64_t{t.groups} * t.outputs, fused, to);
    }
  });
}

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  const Padded padded = pad(stream, s.batch, s.height, s.width, s.channels,
                            {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}, x);
  // Neighbouring taps of a row are neighbours in x and w alike: one long tap, where nothing is
  // between them.
  const bool whole_rows = s.dilation_w == 1 && s.groups == 1;
  const std::int64_t depth = s.channels / s.groups;
  const std::int64_t filter = depth * s.kernel_h * s.kernel_w;
  Taps t{{},
         {},
         whole_rows ? depth * s.kernel_w : depth,
         filter,
         1,
         filter * (s.filters / s.groups),
         s.groups,
         s.filters / s.groups};
  for (int r = 0; r < s.kernel_h; ++r)
    for (int c = 0; c < (whole_rows ? 1 : s.kernel_w); ++c) {
      t.input.push_back(r * s.dilation_h * padded.row + c * s.dilation_w * padded.pixel);
      t.weight.push_back((std::int64_t{r} * s.kernel_w + c) * depth);
    }
  const std::int64_t out_row = std::int64_t{s.out_width()} * s.filters;
  const Lattice lattice{s.out_height(),
                        s.out_width(),
                        s.stride_h * padded.row,
                        s.stride_w * padded.pixel,
                        s.out_height() * out_row,
                        out_row,
                        s.filters};
  convolve(stream, s.batch, padded, t, lattice, w, y, fused);
}

}  // namespace ganymede::kernels::cpu::tiled
