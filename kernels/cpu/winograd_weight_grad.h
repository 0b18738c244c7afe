#pragma once
// The weight gradient of one minimal filtering: the transforms' adjoints around products whose
// depth is the tiles. Each part of the tiles has its own sums, added in order at the end.

#include <algorithm>

#include <ganymede/kernels/cpu/winograd_weights.h>

namespace ganymede::kernels::cpu::winograd {

// The adjoint of transform_output: A gy A^T.
template <class F>
void Product<F>::transform_output_grad(std::int64_t tile, const float* gy, const float* zeros,
                                       float* to, std::int64_t point) const {
  const Place at = place(tile);
  const Square<F::outputs> pixels(p_.out, at.image, 0, at.v, at.u, gy, zeros);
  for (std::int64_t k = 0; k < p_.out.channels; k += lanes) {
    const int count = static_cast<int>(std::min<std::int64_t>(lanes, p_.out.channels - k));
    transform_square<Evaluate, Adjoint<Output<F>>>(
        [&](int i, int j) { return load_channels(pixels.at[i][j] + k, count); },
        [&](int i, int j, Vec v) { store(to + (i * size + j) * point + k, v); });
  }
}

template <class F>
void Product<F>::weight_grad(Stream& stream, const float* x, const float* gy, float* gw) const {
  // Sums per part [point][filter][input channel]; tiles are the depth of the products.
  const std::int64_t rows = padded_channels(p_.out), columns = round_up(depth_, tile_columns);
  const std::int64_t s_point = rows * depth_ + skew, s_part = square * s_point;
  constexpr std::int64_t most_floats = 1 << 26;
  const auto most_parts = static_cast<int>(std::max<std::int64_t>(1, most_floats / s_part));
  const int parts = std::min(parts_of(tiles_, 4 * tile_rows), most_parts);
  const Block sums_block = workspace(stream, parts * s_part);
  auto* sums = static_cast<float*>(sums_block.data());

  const std::int64_t g_row = skewed(rows);
  const std::int64_t block = std::min<std::int64_t>(96, tiles_);
  const std::int64_t v_point = block * columns + skew, g_point = block * g_row + skew;
  const std::int64_t zero_count = std::max(padded_channels(p_.in), rows);
  const std::int64_t room = square * (v_point + g_point) + zero_count;
  const Block buffers = workspace(stream, parts * room);
  parallel_parts(parts, [&](int part) {
    float* v = static_cast<float*>(buffers.data()) + part * room;
    float* g = v + square * v_point;
    float* zeros = g + square * g_point;
    std::fill_n(v, room, 0.0f);
    const Range range = part_of(tiles_, part, parts);
    for (std::int64_t first = range.begin; first < range.end; first += block) {
      const std::int64_t count = std::min(block, range.end - first);
      for (std::int64_t t = 0; t < count; ++t) {
        transform_input(first + t, x, zeros, [&](int point, std::int64_t channel) {
          return v + point * v_point + (channel / tile_columns * block + t) * tile_columns +
                 channel % tile_columns;
        });
        transform_output_grad(first + t, gy, zeros, g + t * g_row, g_point);
      }
      for (int point = 0; point < square; ++point)
        tiles(rows, depth_,
              {.a = g + point * g_point,
               .b = v + point * v_point,
               .a_row = 1,
               .a_step = g_row,
               .b_step = tile_columns,
               .depth = count},
              block * tile_columns, sums + part * s_part + point * s_point, depth_,
              first > range.begin);
    }
  });

  const std::int64_t pad = padded_channels(p_.in);
  parallel_for(p_.out.channels, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k)
      for (std::int64_t d = 0; d < depth_; d += lanes) {
        const auto sum = [&, from = sums + k * depth_ + d](int point) {
          Vec total = load(from + point * s_point);
          for (int other = 1; other < parts; ++other)
            total = total + load(from + other * s_part + point * s_point);
          return total;
        };
        gather_weights(sum, k, static_cast<int>(d / pad), d % pad, gw);
      }
  });
}

}  // namespace ganymede::kernels::cpu::winograd
