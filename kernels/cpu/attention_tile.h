#pragma once
// A tile of attention scores, size x size: its products, its exponentials, and what it weights.

#include <ganymede/kernels/cpu/elementary.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace ganymede::kernels::cpu::attention_tile {

inline constexpr int size = 64;  // 16 KiB of scores
static_assert(size % tile_columns == 0, "rows of a tile are whole vectors");

inline int count_from(int first, int extent) { return std::min(size, extent - first); }
inline std::int64_t tiles_of(int extent) { return (std::int64_t{extent} + size - 1) / size; }
inline std::int64_t pitch_of(int width) { return round_up(width, tile_columns); }

/// rows x width to width x size, zero beyond `rows`.
inline void pack_columns(const float* x, int rows, int width, float* to) {
  for (int d = 0; d < width; ++d) {
    for (int j = 0; j < rows; ++j) to[d * size + j] = x[j * std::int64_t{width} + d];
    std::fill(to + d * size + rows, to + (d + 1) * size, 0.0f);
  }
}
/// rows x width to rows of whole vectors, zero beyond `width`.
inline void pack_rows(const float* x, int rows, int width, float* to) {
  const std::int64_t pitch = pitch_of(width);
  for (int j = 0; j < rows; ++j) {
    std::copy_n(x + j * std::int64_t{width}, width, to + j * pitch);
    std::fill(to + j * pitch + width, to + (j + 1) * pitch, 0.0f);
  }
}

/// scores[i][j] = <a_i, b_j>, b packed by columns.
inline void products(const float* a, int rows, int width, const float* b, float* scores) {
  const TileOperands operands{
      .a = a, .b = b, .a_row = width, .a_step = 1, .b_step = size, .depth = width};
  tiles(rows, size, operands, tile_columns, scores, size, false);
}
/// to_i += sum_j weights[i][j] values_j, j < count; values packed by rows.
inline void add_weighted(const float* weights, int rows, int count, const float* values, int width,
                         float* to) {
  const TileOperands operands{.a = weights,
                              .b = values,
                              .a_row = size,
                              .a_step = 1,
                              .b_step = pitch_of(width),
                              .depth = count};
  tiles(rows, width, operands, tile_columns, to, width, true);
}
/// to_j += sum_i weights[i][j] values_i, i < rows, j < count.
inline void add_weighted_transposed(const float* weights, int rows, int count, const float* values,
                                    int width, float* to) {
  const TileOperands operands{.a = weights,
                              .b = values,
                              .a_row = 1,
                              .a_step = size,
                              .b_step = pitch_of(width),
                              .depth = rows};
  tiles(count, width, operands, tile_columns, to, width, true);
}

/// row *= scale; beyond `count` minus infinity, whose exponential is 0.
inline void mask_row(float* row, float scale, int count) {
  for (int j = 0; j < size; ++j) row[j] *= scale;
  std::fill(row + count, row + size, -std::numeric_limits<float>::infinity());
}

inline float row_max(const float* row) {
  float part[lanes];
  std::copy_n(row, lanes, part);
  for (int j = lanes; j < size; j += lanes)
    for (int i = 0; i < lanes; ++i) part[i] = part[i] < row[j + i] ? row[j + i] : part[i];
  return *std::max_element(part, part + lanes);
}
inline float row_sum(const float* row) {
  float part[lanes] = {};
  for (int j = 0; j < size; j += lanes)
    for (int i = 0; i < lanes; ++i) part[i] += row[j + i];
  float sum = 0.0f;
  for (const float p : part) sum += p;
  return sum;
}

/// row = exp(row - top)
inline void exp_row(float* row, float top) {
  for (int j = 0; j < size; ++j) row[j] = exp_of(row[j] - top);
}

}  // namespace ganymede::kernels::cpu::attention_tile
