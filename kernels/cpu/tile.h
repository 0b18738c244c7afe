#pragma once
// The register tile under every own matrix product and convolution:
//   c[i][j] (+)= sum_t sum_p a[a_tap[t] + i a_row + p a_step] b[b_tap[t] + p b_step + j]
// for up to tile_rows x tile_columns outputs held in registers. With lists of taps one call covers
// a convolution's window or a gradient's image rows. Columns of b are read in whole vectors.

#include <cstdint>

#include <ganymede/kernels/cpu/simd.h>

namespace ganymede::kernels::cpu {

#if defined(__AVX512F__)
inline constexpr int tile_rows = 8;  // more rows run out of address registers
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr int tile_rows = 6;  // 12 of 16
#else
inline constexpr int tile_rows = 4;
#endif
inline constexpr int tile_columns = 2 * lanes;

struct TileOperands {
  const float *a, *b;
  std::int64_t a_row, a_step, b_step, depth;
  int taps = 1;
  const std::int64_t *a_tap = nullptr, *b_tap = nullptr;  ///< null: a single tap at 0
  /// Sums go on from c, whose vectors must be whole: the same bits as one call over both depths.
  bool carry = false;
};

/// rows in [1, tile_rows], columns in [1, tile_columns]; b readable up to the next multiple of
/// `lanes` columns.
void tile(int rows, int columns, const TileOperands& operands, float* c, std::int64_t c_row,
          bool accumulate);

/// A rows x columns product as tiles. b is in panels: panel j starts at b + j * panel_stride.
void tiles(std::int64_t rows, std::int64_t columns, const TileOperands& operands,
           std::int64_t panel_stride, float* c, std::int64_t c_row, bool accumulate);

}  // namespace ganymede::kernels::cpu
