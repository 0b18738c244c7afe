// c is cut into blocks of rows times panels of tile_columns columns, which threads share; k is cut
// into blocks whose panel of b stays in the first-level cache. b is copied into panels first.

#include <ganymede/kernels/cpu/gemm_tiled.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

constexpr std::int64_t depth_block = 256;
constexpr std::int64_t row_block = 20 * tile_rows;

// Rows [first, first + depth) of op(b), columns of one panel, zero beyond n.
void pack_panel(const GemmShape& s, const float* b, std::int64_t first, std::int64_t depth,
                std::int64_t column, float* to) {
  const std::int64_t width = std::min<std::int64_t>(tile_columns, s.n - column);
  for (std::int64_t p = 0; p < depth; ++p, to += tile_columns) {
    if (s.transpose_b) {
      for (std::int64_t j = 0; j < width; ++j) to[j] = b[(column + j) * s.k + first + p];
    } else {
      std::copy_n(b + (first + p) * s.n + column, width, to);
    }
    std::fill(to + width, to + tile_columns, 0.0f);
  }
}

}  // namespace

void tiled_gemm(Stream& stream, const GemmShape& s, const float* a, const float* b, float* c) {
  const std::int64_t panels = (s.n + tile_columns - 1) / tile_columns;
  const std::int64_t blocks = (s.m + row_block - 1) / row_block;
  const std::int64_t deepest = std::min(depth_block, s.k), panel_size = deepest * tile_columns;
  const Workspace block = workspace(stream, panels * panel_size);
  auto* packed = static_cast<float*>(block.data());
  for (std::int64_t first = 0; first < s.k; first += depth_block) {
    const std::int64_t depth = std::min(depth_block, s.k - first);
    parallel_for(panels, row_grain(panel_size), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t j = begin; j < end; ++j)
        pack_panel(s, b, first, depth, j * tile_columns, packed + j * panel_size);
    });
    const std::int64_t work = std::min(row_block, s.m) * panel_size / 16;
    parallel_for(blocks * panels, row_grain(work), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t row = i / panels * row_block, column = i % panels * tile_columns;
        const std::int64_t a_row = s.transpose_a ? 1 : s.k, a_step = s.transpose_a ? s.m : 1;
        const TileOperands operands{.a = a + row * a_row + first * a_step,
                                    .b = packed + i % panels * panel_size,
                                    .a_row = a_row,
                                    .a_step = a_step,
                                    .b_step = tile_columns,
                                    .depth = depth};
        tiles(std::min(row_block, s.m - row), std::min<std::int64_t>(tile_columns, s.n - column),
              operands, 0, c + row * s.n + column, s.n, first > 0);
      }
    });
  }
}

}  // namespace ganymede::kernels::cpu
