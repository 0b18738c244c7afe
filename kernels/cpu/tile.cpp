#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ganymede::kernels::cpu {
namespace {

template <int Vectors>
void finish_row(const Vec* sum, int columns, float* c, bool accumulate) {
  for (int v = 0; v < Vectors; ++v) {
    const int count = std::min(columns - v * lanes, lanes);
    float* to = c + v * lanes;
    if (count == lanes)
      store(to, accumulate ? load(to) + sum[v] : sum[v]);
    else
      store_part(to, accumulate ? load_part(to, count) + sum[v] : sum[v], count);
  }
}

template <int Rows, int Vectors>
void tile_of(int columns, const TileOperands& o, float* c, std::int64_t c_row, bool accumulate) {
  Vec sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v)
      sum[i][v] = o.carry ? load(c + i * c_row + v * lanes) : broadcast(0.0f);
  for (int t = 0; t < o.taps; ++t) {
    const float* a = o.a + (o.a_tap ? o.a_tap[t] : 0);
    const float* b = o.b + (o.b_tap ? o.b_tap[t] : 0);
    for (std::int64_t p = 0; p < o.depth; ++p, a += o.a_step, b += o.b_step) {
      Vec right[Vectors];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) right[v] = load(b + v * lanes);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) {
        const Vec left = broadcast(a[i * o.a_row]);
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v) sum[i][v] = fma(left, right[v], sum[i][v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) finish_row<Vectors>(sum[i], columns, c + i * c_row, accumulate);
}

using TileFunction = void(int, const TileOperands&, float*, std::int64_t, bool);

template <int Vectors, int... I>
constexpr std::array<TileFunction*, tile_rows> table(std::integer_sequence<int, I...>) {
  return {tile_of<I + 1, Vectors>...};
}

constexpr auto narrow = table<1>(std::make_integer_sequence<int, tile_rows>());
constexpr auto wide = table<2>(std::make_integer_sequence<int, tile_rows>());

}  // namespace

void tile(int rows, int columns, const TileOperands& operands, float* c, std::int64_t c_row,
          bool accumulate) {
  const auto& functions = columns > lanes ? wide : narrow;
  functions[static_cast<std::size_t>(rows - 1)](columns, operands, c, c_row, accumulate);
}

void tiles(std::int64_t rows, std::int64_t columns, const TileOperands& operands,
           std::int64_t panel_stride, float* c, std::int64_t c_row, bool accumulate) {
  TileOperands o = operands;
  for (std::int64_t j = 0; j < columns; j += tile_columns, o.b += panel_stride) {
    const int width = static_cast<int>(std::min<std::int64_t>(tile_columns, columns - j));
    for (std::int64_t i = 0; i < rows; i += tile_rows) {
      const int height = static_cast<int>(std::min<std::int64_t>(tile_rows, rows - i));
      o.a = operands.a + i * o.a_row;
      tile(height, width, o, c + i * c_row + j, c_row, accumulate);
    }
  }
}

}  // namespace ganymede::kernels::cpu
