// Convolutions with a thin side: at most four channels of x (images) or of y (a generator's last
// layer). A vector over the thin side would be empty, so its taps become the columns of one
// product:
//
//   forward, few filters     z[pixel of x, (r s k)] = x w      y[p, k]  = sum over taps of z
//   input grad, few channels z[pixel of y, (r s c)] = gy w     gx[i, c] = sum over taps of z
//   weight grad              rows (r s thin) of the unfolded thin side, times the wide side
//
// The remaining contractions are wide on their output side: the direct routes do them well.

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>

namespace ganymede::kernels::cpu::thin {
namespace {

constexpr int most_channels = 4;
constexpr int most_columns = 256;

int taps_of(const ConvShape& s) { return s.kernel_h * s.kernel_w; }
std::int64_t out_pixels(const ConvShape& s) {
  return std::int64_t{s.batch} * s.out_height() * s.out_width();
}
std::int64_t in_pixels(const ConvShape& s) { return std::int64_t{s.batch} * s.height * s.width; }

// Pixels that one tap connects in one row of outputs: `count` outputs from `out` on, one after the
// other, and inputs from `in` on, `step` apart.
struct Run {
  int tap;
  std::int64_t out, in, count, step;
};

// Calls body(run) for all taps of a row of outputs, as far as they lie on the image.
template <class Body>
void for_runs(const ConvShape& s, std::int64_t out_row, const Body& body) {
  const std::int64_t n = out_row / s.out_height(), step = s.stride_w;
  const std::int64_t p = out_row % s.out_height();
  for (int r = 0; r < s.kernel_h; ++r) {
    const std::int64_t i = p * s.stride_h - s.pad_top + r * s.dilation_h;
    if (i < 0 || i >= s.height) continue;
    for (int c = 0; c < s.kernel_w; ++c) {
      const std::int64_t shift = std::int64_t{c} * s.dilation_w - s.pad_left;
      const std::int64_t first = shift < 0 ? (-shift + step - 1) / step : 0;
      const std::int64_t last = shift >= s.width ? 0 : (s.width - 1 - shift) / step + 1;
      const std::int64_t count = std::min<std::int64_t>(last, s.out_width()) - first;
      if (count > 0)
        body(Run{r * s.kernel_w + c, out_row * s.out_width() + first,
                 (n * s.height + i) * s.width + first * step + shift, count, step});
    }
  }
}

// to[i * to_step + c] += from[i * from_step + c]
void add_run(std::int64_t count, int channels, const float* from, std::int64_t from_step, float* to,
             std::int64_t to_step) {
  if (channels == 1) {
    for (std::int64_t i = 0; i < count; ++i) to[i * to_step] += from[i * from_step];
    return;
  }
  for (std::int64_t i = 0; i < count; ++i)
    for (int c = 0; c < channels; ++c) to[i * to_step + c] += from[i * from_step + c];
}

// z = wide x panels: pixels x round_up(columns, tile_columns). weight(column, d) gives the weights.
template <class Weight>
Workspace project(Stream& stream, std::int64_t pixels, std::int64_t depth, std::int64_t columns,
                  const float* wide, const Weight& weight) {
  const std::int64_t width = round_up(columns, tile_columns), panel = depth * tile_columns;
  const Workspace panels = workspace(stream, width * depth);
  auto* packed = static_cast<float*>(panels.data());
  for (std::int64_t column = 0; column < width; ++column)
    for (std::int64_t d = 0; d < depth; ++d)
      packed[column / tile_columns * panel + d * tile_columns + column % tile_columns] =
          column < columns ? weight(column, d) : 0.0f;
  Workspace z = workspace(stream, pixels * width);
  auto* to = static_cast<float*>(z.data());
  parallel_for(pixels, 32 * tile_rows, [&](std::int64_t begin, std::int64_t end) {
    const TileOperands operands{.a = wide + begin * depth,
                                .b = packed,
                                .a_row = depth,
                                .a_step = 1,
                                .b_step = tile_columns,
                                .depth = depth};
    tiles(end - begin, width, operands, panel, to + begin * width, width, false);
  });
  return z;
}

}  // namespace

bool fits_channels(const ConvShape& s) {
  return s.groups == 1 && s.channels <= most_channels && taps_of(s) * s.channels <= most_columns;
}

bool fits_filters(const ConvShape& s) {
  return s.groups == 1 && s.filters <= most_channels && s.channels > most_channels &&
         taps_of(s) * s.filters <= most_columns;
}

void forward(Stream& stream, const ConvShape& s, const float* x, const float* w, float* y,
             const Fused& fused) {
  const std::int64_t columns = std::int64_t{taps_of(s)} * s.filters;
  const std::int64_t filter = std::int64_t{taps_of(s)} * s.channels;
  const std::int64_t width = round_up(columns, tile_columns);
  const Workspace block = project(
      stream, in_pixels(s), s.channels, columns, x, [&](std::int64_t column, std::int64_t d) {
        return w[column % s.filters * filter + column / s.filters * s.channels + d];
      });
  const auto* z = static_cast<const float*>(block.data());
  const std::int64_t rows = std::int64_t{s.batch} * s.out_height();
  parallel_for(rows, row_grain(s.out_width() * columns), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t first = row * s.out_width(), last = first + s.out_width();
      std::fill(y + first * s.filters, y + last * s.filters, 0.0f);
      for_runs(s, row, [&](const Run& run) {
        add_run(run.count, s.filters, z + run.in * width + run.tap * s.filters, run.step * width,
                y + run.out * s.filters, s.filters);
      });
      for (std::int64_t i = first * s.filters; i < last * s.filters && !fused.nothing(); ++i)
        y[i] = functor::leaky_relu(y[i] + (fused.bias ? fused.bias[i % s.filters] : 0.0f),
                                   fused.slope);
    }
  });
}

void input_grad(Stream& stream, const ConvShape& s, const float* gy, const float* w, float* gx,
                const Fused& fused) {
  const std::int64_t columns = std::int64_t{taps_of(s)} * s.channels;
  const std::int64_t width = round_up(columns, tile_columns);
  const Workspace block =
      project(stream, out_pixels(s), s.filters, columns, gy,
              [&](std::int64_t column, std::int64_t k) { return w[k * columns + column]; });
  const auto* z = static_cast<const float*>(block.data());
  const std::int64_t image = std::int64_t{s.height} * s.width * s.channels;
  // Contributions fall on neighbouring rows: an image belongs to one thread.
  parallel_for(s.batch, row_grain(image), [&](std::int64_t begin, std::int64_t end) {
    std::fill(gx + begin * image, gx + end * image, 0.0f);
    for (std::int64_t row = begin * s.out_height(); row < end * s.out_height(); ++row)
      for_runs(s, row, [&](const Run& run) {
        add_run(run.count, s.channels, z + run.out * width + run.tap * s.channels, width,
                gx + run.in * s.channels, run.step * s.channels);
      });
    for (std::int64_t i = begin * image; i < end * image && !fused.nothing(); ++i)
      gx[i] = functor::leaky_relu(gx[i] + (fused.bias ? fused.bias[i % s.channels] : 0.0f),
                                  fused.slope);
  });
}

namespace {

// Where a tap of the unfolded side lies along one axis: position * stride - before + tap * dilation
// in units of a `part`-th pixel.
struct Reach {
  std::int64_t taps, stride, before, dilation, part, extent;
  std::int64_t at(std::int64_t position, std::int64_t tap) const {
    const std::int64_t units = position * stride - before + tap * dilation;
    return units >= 0 && units % part == 0 && units / part < extent ? units / part : -1;
  }
};

// The thin side as the other side's pixels see it: of x the window of a pixel of y; of gy, with
// taps turned round so that they run forwards, the pixels whose windows hold a pixel of x.
struct Unfolding {
  Reach h, w;
  std::int64_t height, width;  // of the wide side
  int channels;

  Unfolding(const ConvShape& s, bool thin_x)
      : h(reach(s.kernel_h, s.stride_h, s.pad_top, s.dilation_h, thin_x,
                thin_x ? s.height : s.out_height())),
        w(reach(s.kernel_w, s.stride_w, s.pad_left, s.dilation_w, thin_x,
                thin_x ? s.width : s.out_width())),
        height(thin_x ? s.out_height() : s.height),
        width(thin_x ? s.out_width() : s.width),
        channels(thin_x ? s.channels : s.filters) {}

  static Reach reach(int taps, int stride, int pad, int dilation, bool thin_x, int extent) {
    if (thin_x) return {taps, stride, pad, dilation, 1, extent};
    return {taps, 1, std::int64_t{taps - 1} * dilation - pad, dilation, stride, extent};
  }
  std::int64_t row() const { return h.taps * w.taps * channels; }

  // to[pixel - begin][tap, channel] for wide pixels [begin, end); 0 beside the image.
  void copy(const float* thin, std::int64_t begin, std::int64_t end, float* to) const {
    while (begin < end) {
      const std::int64_t line = begin / width, last = std::min(end, (line + 1) * width);
      const float* image = thin + line / height * h.extent * w.extent * channels;
      for (std::int64_t r = 0; r < h.taps; ++r) {
        const std::int64_t i = h.at(line % height, r);
        copy_line(i < 0 ? nullptr : image + i * w.extent * channels, begin % width, last - begin,
                  to + r * w.taps * channels);
      }
      to += (last - begin) * row();
      begin = last;
    }
  }

 private:
  // One line of taps of `count` pixels from `position` on; null: a line beside the image.
  void copy_line(const float* line, std::int64_t position, std::int64_t count, float* to) const {
    const bool neighbours = w.dilation == 1 && w.part == 1;
    const std::int64_t whole = w.taps * channels;
    for (const std::int64_t end = position + count; position < end; ++position, to += row()) {
      const std::int64_t start = position * w.stride - w.before;
      if (!line)
        std::fill_n(to, whole, 0.0f);
      else if (!neighbours)
        copy_taps(line, position, to);
      else if (start < 0 || start + w.taps > w.extent)
        copy_edge(line, start, to);
      else
        copy_run(line + start * channels, whole, to);
    }
  }
  static void copy_run(const float* from, std::int64_t count, float* to) {
    for (std::int64_t c = 0; c < count; c += lanes) {
      const auto left = static_cast<int>(std::min<std::int64_t>(lanes, count - c));
      store_part(to + c, load_part(from + c, left), left);
    }
  }
  void copy_edge(const float* line, std::int64_t start, float* to) const {
    const std::int64_t first = std::clamp<std::int64_t>(-start, 0, w.taps);
    const std::int64_t last = std::clamp<std::int64_t>(w.extent - start, first, w.taps);
    std::fill_n(to, w.taps * channels, 0.0f);
    copy_run(line + (start + first) * channels, (last - first) * channels, to + first * channels);
  }
  void copy_taps(const float* line, std::int64_t position, float* to) const {
    for (std::int64_t tap = 0; tap < w.taps; ++tap, to += channels) {
      const std::int64_t j = w.at(position, tap);
      for (int c = 0; c < channels; ++c) to[c] = j < 0 ? 0.0f : line[j * channels + c];
    }
  }
};

// The wide side with rows of whole vectors, as tiles read them.
struct Wide {
  Workspace block;
  const float* data;
  std::int64_t stride;
};

Wide whole_vectors(Stream& stream, std::int64_t pixels, std::int64_t channels, const float* x) {
  const std::int64_t stride = round_up(channels, lanes);
  if (stride == channels) return {{}, x, channels};
  Wide wide{workspace(stream, pixels * stride), nullptr, stride};
  auto* to = static_cast<float*>(wide.block.data());
  wide.data = to;
  parallel_for(pixels, row_grain(stride), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::copy_n(x + i * channels, channels, to + i * stride);
      std::fill(to + i * stride + channels, to + (i + 1) * stride, 0.0f);
    }
  });
  return wide;
}

}  // namespace

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  const bool thin_x = fits_channels(s);
  const Unfolding unfolding(s, thin_x);
  const std::int64_t rows = unfolding.row(), columns = thin_x ? s.filters : s.channels;
  const std::int64_t pixels = thin_x ? out_pixels(s) : in_pixels(s);
  const Wide wide = whole_vectors(stream, pixels, columns, thin_x ? gy : x);
  // Pixels are cut into chunks by their number alone; partial results are added in order.
  const std::int64_t chunk = std::max<std::int64_t>(512, (pixels + 63) / 64);
  const std::int64_t chunks = (pixels + chunk - 1) / chunk, partial_size = rows * wide.stride;
  const Workspace partial_block = workspace(stream, chunks * partial_size);
  auto* partial = static_cast<float*>(partial_block.data());
  // Of a chunk as many pixels are unfolded at a time as stay in the second-level cache.
  constexpr std::int64_t cached = 1 << 17;
  const std::int64_t step = std::max<std::int64_t>(cached / (rows + wide.stride), 64);
  const std::int64_t room = std::min(step, chunk) * rows;
  const int parts = parts_of(chunks, 1);
  const Workspace unfolded_block = workspace(stream, parts * room);
  parallel_parts(parts, [&](int part) {
    float* unfolded = static_cast<float*>(unfolded_block.data()) + part * room;
    const Range range = part_of(chunks, part, parts);
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      const std::int64_t first = i * chunk, last = std::min(first + chunk, pixels);
      for (std::int64_t pixel = first; pixel < last; pixel += step) {
        const std::int64_t end = std::min(pixel + step, last);
        unfolding.copy(thin_x ? x : gy, pixel, end, unfolded);
        const TileOperands operands{.a = unfolded,
                                    .b = wide.data + pixel * wide.stride,
                                    .a_row = 1,
                                    .a_step = rows,
                                    .b_step = wide.stride,
                                    .depth = end - pixel,
                                    .carry = pixel > first};
        tiles(rows, wide.stride, operands, tile_columns, partial + i * partial_size, wide.stride,
              false);
      }
    }
  });
  parallel_for(rows, row_grain(chunks * wide.stride), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      for (std::int64_t first = 0; first < columns; first += lanes) {
        double total[lanes] = {};
        for (std::int64_t i = 0; i < chunks; ++i)
          for (int c = 0; c < lanes; ++c)
            total[c] += double{partial[i * partial_size + row * wide.stride + first + c]};
        for (std::int64_t c = first; c < std::min(first + lanes, columns); ++c) {
          const auto sum = static_cast<float>(total[c - first]);
          if (thin_x) {
            gw[c * rows + row] = sum;  // (k, r s c)
          } else {
            const std::int64_t tap = taps_of(s) - 1 - row / s.filters;
            gw[(row % s.filters * taps_of(s) + tap) * s.channels + c] = sum;
          }
        }
      }
  });
}

}  // namespace ganymede::kernels::cpu::thin
