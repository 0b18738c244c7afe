// Convolutions with a thin side: at most four channels of x (images) or of y (a generator's last
// layer). A vector over the thin side would be empty, so its taps become the columns of one
// product:
//
//   forward, few filters     z[pixel of x, (r s k)] = x w      y[p, k]  = sum over taps of z
//   input grad, few channels z[pixel of y, (r s c)] = gy w     gx[i, c] = sum over taps of z
//
// Weight gradients: conv_thin_weight_grad.cpp. The remaining contractions are wide on their output
// side: the direct routes do them well.

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

}  // namespace ganymede::kernels::cpu::thin
