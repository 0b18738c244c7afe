#pragma once
// The weight gradient of one minimal filtering: the transforms' adjoints around products whose
// depth is the tiles. A block of tiles is transformed by all threads; then each adds to the sums of
// its own points and filters, so that the bits do not depend on the number of threads.

#include <algorithm>

#include <ganymede/kernels/cpu/winograd_weights.h>

namespace ganymede::kernels::cpu::winograd {

// The adjoint of transform_output: A gy A^T; put(point, channel) tells where it goes, `row` before
// the next tile's.
template <class F>
template <class Put>
void Product<F>::transform_output_grad(std::int64_t tile, const float* gy, const float* zeros,
                                       std::int64_t row, const Put& put) const {
  const Place at = place(tile);
  const Square<F::outputs> pixels(p_.out, at.image, 0, at.v, at.u, gy, zeros);
  for (std::int64_t k = 0; k < p_.out.channels; k += lanes) {
    const int count = static_cast<int>(std::min<std::int64_t>(lanes, p_.out.channels - k));
    transform_square<Evaluate, Adjoint<Output<F>>>(
        [&](int i, int j) { return load_channels(pixels.at[i][j] + k, count); },
        [&](int i, int j, Vec v) {
          float* to = put(i * size + j, k);
          ask_to_write(to + row);
          store(to, v);
        });
  }
}

template <class F>
void Product<F>::weight_grad(Stream& stream, const float* x, const float* gy, float* gw) const {
  const std::int64_t rows = padded_channels(p_.out), columns = round_up(depth_, tile_columns);
  const std::int64_t s_point = rows * depth_ + skew;  // sums: [point][filter][input channel]
  const Workspace sums_block = workspace(stream, square * s_point);
  auto* sums = static_cast<float*>(sums_block.data());

  const std::int64_t g_row = skewed(rows), block = grad_block(columns + g_row);
  const std::int64_t v_point = block * columns + skew, g_point = block * g_row + skew;
  const std::int64_t zero_count = std::max(padded_channels(p_.in), rows);
  const Workspace buffers = workspace(stream, square * (v_point + g_point) + zero_count);
  auto* v = static_cast<float*>(buffers.data());
  float* g = v + square * v_point;
  float* zeros = g + square * g_point;
  std::fill_n(zeros, zero_count, 0.0f);
  if (columns > depth_) std::fill_n(v, square * v_point, 0.0f);  // what only fills a tile

  constexpr std::int64_t slice = 4 * tile_rows;  // filters of one point that a thread sums
  const std::int64_t slices = (rows + slice - 1) / slice;
  for (std::int64_t first = 0; first < tiles_; first += block) {
    const std::int64_t count = std::min(block, tiles_ - first);
    parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        transform_input(first + t, x, zeros, tile_columns, [&](int point, std::int64_t channel) {
          return v + point * v_point + (channel / tile_columns * block + t) * tile_columns +
                 channel % tile_columns;
        });
        transform_output_grad(first + t, gy, zeros, g_row, [&](int point, std::int64_t channel) {
          return g + point * g_point + t * g_row + channel;
        });
      }
    });
    parallel_for(square * slices, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t point = i / slices, k = i % slices * slice;
        tiles(std::min(slice, rows - k), depth_,
              {.a = g + point * g_point + k,
               .b = v + point * v_point,
               .a_row = 1,
               .a_step = g_row,
               .b_step = tile_columns,
               .depth = count},
              block * tile_columns, sums + point * s_point + k * depth_, depth_, first > 0);
      }
    });
  }

  const std::int64_t pad = padded_channels(p_.in);
  parallel_for(p_.out.channels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k)
      for (std::int64_t d = 0; d < depth_; d += lanes) {
        const auto sum = [&, from = sums + k * depth_ + d](int point) {
          // As many streams as points: more than the processor follows.
          __builtin_prefetch(from + point * s_point + 4 * lanes);
          return load(from + point * s_point);
        };
        gather_weights(sum, k, static_cast<int>(d / pad), d % pad, gw);
      }
  });
}

}  // namespace ganymede::kernels::cpu::winograd
