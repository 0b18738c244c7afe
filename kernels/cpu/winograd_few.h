#pragma once
// Few tiles and many weights: the transformed weights are up to nine times the weights and would
// go through memory for a handful of products each. Here all tiles are transformed first; weights
// are transformed, used and forgotten piece by piece within the second-level cache. Sums run in the
// order of winograd_product.h and winograd_weight_grad.h, so results are the same bits.

#include <algorithm>

#include <ganymede/kernels/cpu/winograd_weight_grad.h>

namespace ganymede::kernels::cpu::winograd {

/// Filters whose gradient is summed up together: their transformed gradients of y stay in cache.
inline constexpr std::int64_t few_filters = 8 * tile_rows;

/// Input channels whose transformed weights for one panel of outputs stay in cache.
template <class F>
constexpr std::int64_t few_depth() {
  constexpr std::int64_t budget = 1 << 17;
  return budget / (F::size * F::size * tile_columns) / lanes * lanes;
}

// v[point][tile][input channel of all planes], every tile.
template <class F>
void Product<F>::transform_all_input(const float* x, const float* zeros, float* v,
                                     std::int64_t v_row, std::int64_t v_point) const {
  parallel_for(tiles_, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile)
      transform_input(tile, x, zeros, v_row, [&](int point, std::int64_t channel) {
        return v + point * v_point + tile * v_row + channel;
      });
  });
}

// m[point][tile][column] of the outputs from `first`; u has room for one piece of weights.
template <class F>
void Product<F>::multiply_panel(std::int64_t first, const float* w, const float* v,
                                std::int64_t v_row, std::int64_t v_point, float* u,
                                float* m) const {
  constexpr std::int64_t piece = few_depth<F>(), u_point = piece * tile_columns + skew;
  const std::int64_t pad = padded_channels(p_.in), m_point = tiles_ * tile_columns + skew;
  for (std::int64_t d = 0; d < depth_;) {
    const int plane = static_cast<int>(d / pad);
    const std::int64_t channel = d % pad, depth = std::min(piece, pad - channel);
    for (std::int64_t column = 0; column < tile_columns; column += lanes)
      transform_weights(w, plane, {channel, channel + depth}, first + column, u + column, u_point);
    for (int point = 0; point < square; ++point)
      tiles(tiles_, tile_columns,
            {.a = v + point * v_point + d,
             .b = u + point * u_point,
             .a_row = v_row,
             .a_step = 1,
             .b_step = tile_columns,
             .depth = depth,
             .carry = d > 0},
            0, m + point * m_point, tile_columns, false);
    d += depth;
  }
}

template <class F>
void Product<F>::run_few(Stream& stream, const float* x, const float* w, float* y,
                         const Fused& fused) const {
  const std::int64_t v_row = skewed(depth_), v_point = tiles_ * v_row + skew;
  const std::int64_t zero_count = padded_channels(p_.in);
  const Workspace input = workspace(stream, square * v_point + zero_count);
  auto* v = static_cast<float*>(input.data());
  float* zeros = v + square * v_point;
  std::fill_n(zeros, zero_count, 0.0f);
  // Channels that only pad a vector stay zero.
  if (p_.in.channels != zero_count) std::fill_n(v, square * v_point, 0.0f);
  transform_all_input(x, zeros, v, v_row, v_point);

  constexpr std::int64_t u_room = square * (few_depth<F>() * tile_columns + skew);
  const std::int64_t m_point = tiles_ * tile_columns + skew, room = u_room + square * m_point;
  const std::int64_t panels = width_ / tile_columns;
  const int parts = parts_of(panels, 1);
  const Workspace buffers = workspace(stream, parts * room);
  parallel_parts(parts, [&](int part) {
    float* u = static_cast<float*>(buffers.data()) + part * room;
    float* m = u + u_room;
    const Range range = part_of(panels, part, parts);
    for (std::int64_t panel = range.begin; panel < range.end; ++panel) {
      const std::int64_t first = panel * tile_columns;
      multiply_panel(first, w, v, v_row, v_point, u, m);
      const Range columns{first, std::min<std::int64_t>(first + tile_columns, p_.out.channels)};
      for (std::int64_t t = 0; t < tiles_; ++t)
        transform_output(t, m + t * tile_columns, m_point, columns, y, fused);
    }
  });
}

// gw of filters [filters.begin, filters.end), at most tile_rows, and of a panel of input channels.
template <class F>
void Product<F>::weight_grad_block(Range filters, std::int64_t first, const float* g,
                                   std::int64_t g_point, const float* v, std::int64_t v_point,
                                   float* sums, float* gw) const {
  constexpr std::int64_t s_point = tile_rows * tile_columns + skew;
  const std::int64_t pad = padded_channels(p_.in), count = filters.end - filters.begin;
  const std::int64_t columns = std::min<std::int64_t>(tile_columns, depth_ - first);
  const auto for_vectors = [&](const auto& body) {
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t column = 0; column < columns; column += lanes)
        body(i, column, static_cast<int>((first + column) / pad), (first + column) % pad);
  };
  // Its lines are in memory and far apart; the products take as long as they need to come.
  for_vectors([&](std::int64_t i, std::int64_t, int plane, std::int64_t channel) {
    for (int r = 0; r < F::taps; ++r)
      for (int s = 0; s < F::taps; ++s)
        if (const std::int64_t tap = p_.tap(plane, r, s); tap >= 0)
          ask_to_write(gw + tap + (filters.begin + i) * p_.w_out + channel);
  });
  TileOperands operands{.a = nullptr,
                        .b = nullptr,
                        .a_row = 1,
                        .a_step = few_filters,
                        .b_step = tile_columns,
                        .depth = tiles_};
  for (int point = 0; point < square; ++point) {
    operands.a = g + point * g_point;
    operands.b = v + point * v_point;
    tile(static_cast<int>(count), static_cast<int>(columns), operands, sums + point * s_point,
         tile_columns, false);
  }
  for_vectors([&](std::int64_t i, std::int64_t column, int plane, std::int64_t channel) {
    const float* from = sums + i * tile_columns + column;
    gather_weights([&](int point) { return load(from + point * s_point); }, filters.begin + i,
                   plane, channel, gw);
  });
}

template <class F>
void Product<F>::weight_grad_few(Stream& stream, const float* x, const float* gy, float* gw) const {
  const std::int64_t blocks = round_up(p_.out.channels, few_filters) / few_filters;
  const std::int64_t panels = round_up(depth_, tile_columns) / tile_columns;
  // [panel][point][tile][channel of the panel]
  const std::int64_t g_point = tiles_ * few_filters + skew, g_block = square * g_point;
  const std::int64_t v_point = tiles_ * tile_columns + skew, v_panel = square * v_point;
  const std::int64_t zero_count = std::max(padded_channels(p_.in), padded_channels(p_.out));
  const std::int64_t room = panels * v_panel + blocks * g_block + zero_count;
  const Workspace transformed = workspace(stream, room);
  auto* v = static_cast<float*>(transformed.data());
  float* g = v + panels * v_panel;
  float* zeros = g + blocks * g_block;
  std::fill_n(zeros, zero_count, 0.0f);
  // What only fills a panel stays zero.
  if (p_.in.channels % tile_columns || p_.out.channels % few_filters)
    std::fill_n(v, zeros - v, 0.0f);
  parallel_for(tiles_, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      transform_input(t, x, zeros, tile_columns, [&](int point, std::int64_t channel) {
        return v + channel / tile_columns * v_panel + point * v_point + t * tile_columns +
               channel % tile_columns;
      });
      transform_output_grad(t, gy, zeros, few_filters, [&](int point, std::int64_t channel) {
        return g + channel / few_filters * g_block + point * g_point + t * few_filters +
               channel % few_filters;
      });
    }
  });

  constexpr std::int64_t s_room = square * (tile_rows * tile_columns + skew);
  const int parts = parts_of(blocks * panels, 1);
  const Workspace buffers = workspace(stream, parts * s_room);
  parallel_parts(parts, [&](int part) {
    float* sums = static_cast<float*>(buffers.data()) + part * s_room;
    const Range range = part_of(blocks * panels, part, parts);
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      const std::int64_t block = i / panels, panel = i % panels, first = block * few_filters;
      const std::int64_t end = std::min<std::int64_t>(first + few_filters, p_.out.channels);
      for (std::int64_t k = first; k < end; k += tile_rows)
        weight_grad_block({k, std::min(k + tile_rows, end)}, panel * tile_columns,
                          g + block * g_block + k % few_filters, g_point, v + panel * v_panel,
                          v_point, sums, gw);
    }
  });
}

}  // namespace ganymede::kernels::cpu::winograd
