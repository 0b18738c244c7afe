// The weight gradient of a convolution with a thin side (conv_thin.cpp): the thin side unfolded, a
// row of (tap, channel) for each pixel of the wide side, turned and times the wide side. Pixels are
// unfolded and multiplied a slice at a time, so that the unfolded ones never leave the cache.

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>

namespace ganymede::kernels::cpu::thin {
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
  std::int64_t taps() const { return h.taps * w.taps; }
  std::int64_t row() const { return taps() * channels; }

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

// [chunk][tap, thin channel][wide channel], the last dimension `stride` long.
struct Chunks {
  const float* data;
  std::int64_t count, stride;
};

// gw = the sum of all chunks, in order. `wide`: channels of the wide side.
void add_chunks(const Unfolding& unfolding, bool thin_x, std::int64_t wide, const Chunks& chunks,
                float* gw) {
  const std::int64_t rows = unfolding.row(), taps = unfolding.taps();
  const std::int64_t thin = unfolding.channels;
  const auto add = [&](std::int64_t row, std::int64_t first) {
    const float* from = chunks.data + row * chunks.stride + first;
    double total[lanes] = {};
    for (std::int64_t i = 0; i < chunks.count; ++i, from += rows * chunks.stride)
      for (int c = 0; c < lanes; ++c) total[c] += double{from[c]};
    const std::int64_t tap = taps - 1 - row / thin;  // of gy, whose taps were turned round
    for (std::int64_t c = first; c < std::min(first + lanes, wide); ++c)
      gw[thin_x ? c * rows + row : (row % thin * taps + tap) * wide + c] =
          static_cast<float>(total[c - first]);
  };
  parallel_for(rows, row_grain(chunks.count * chunks.stride),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t row = begin; row < end; ++row)
                   for (std::int64_t first = 0; first < wide; first += lanes) add(row, first);
               });
}

}  // namespace

void weight_grad(Stream& stream, const ConvShape& s, const float* x, const float* gy, float* gw) {
  const bool thin_x = fits_channels(s);
  const Unfolding unfolding(s, thin_x);
  const std::int64_t rows = unfolding.row(), columns = thin_x ? s.filters : s.channels;
  const std::int64_t pixels = s.batch * unfolding.height * unfolding.width;
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
  add_chunks(unfolding, thin_x, columns, {partial, chunks, wide.stride}, gw);
}

}  // namespace ganymede::kernels::cpu::thin
