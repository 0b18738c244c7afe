#pragma once
// The walk that every column-wise sum shares: chunks of rows times strips of channels, a strip
// being as many channels as stay in registers.

#include <algorithm>
#include <cstdint>

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/simd.h>

namespace ganymede::kernels::cpu {

inline constexpr int strip_vectors = 4;
inline constexpr int strip = strip_vectors * lanes;

/// How many narrow rows are read as one, so that a strip is full: a dense rows x channels matrix is
/// also one of rows / fold lines of fold x channels, whose columns j channels + c are column c's.
inline std::int64_t fold_of(std::int64_t rows, std::int64_t channels) {
  std::int64_t fold = 1;
  while (2 * fold * channels <= strip && rows % (2 * fold) == 0) fold *= 2;
  return fold;
}

/// Rows per chunk: few enough that an f32 sum over one keeps its digits, at most 64 chunks.
inline std::int64_t chunk_rows(std::int64_t rows) {
  return std::max<std::int64_t>(256, (rows + 63) / 64);
}
inline std::int64_t chunks_of(std::int64_t rows) {
  return (rows + chunk_rows(rows) - 1) / chunk_rows(rows);
}

/// Calls body(chunk, first row, last row, first channel, channels in the strip) for all pairs.
template <class Body>
void for_chunks(std::int64_t rows, std::int64_t channels, const Body& body) {
  const std::int64_t strips = (channels + strip - 1) / strip, size = chunk_rows(rows);
  const std::int64_t work = std::min(size, rows) * std::min<std::int64_t>(strip, channels);
  parallel_for(chunks_of(rows) * strips, row_grain(work),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const std::int64_t chunk = i / strips, channel = i % strips * strip;
                   body(chunk, chunk * size, std::min(rows, (chunk + 1) * size), channel,
                        static_cast<int>(std::min<std::int64_t>(strip, channels - channel)));
                 }
               });
}

/// A strip of one row; only the last strip of a matrix is not whole.
struct Strip {
  Vec v[strip_vectors];

  static Strip of(float value) {
    Strip s;
    for (Vec& v : s.v) v = broadcast(value);
    return s;
  }
  static Strip read(const float* p, int count) {
    Strip s;
    if (count == strip) {
      for (int i = 0; i < strip_vectors; ++i) s.v[i] = load(p + i * lanes);
    } else {
      for (int i = 0; i < strip_vectors; ++i)
        s.v[i] = load_part(p + i * lanes, std::clamp(count - i * lanes, 0, lanes));
    }
    return s;
  }
  /// All of the strip is written: the target has room for round_up(channels, strip) values.
  void write(float* p) const {
    for (int i = 0; i < strip_vectors; ++i) store(p + i * lanes, v[i]);
  }
};

/// The strip of row `row` of a matrix that begins at x, and a request for a later row's: narrow
/// rows go by faster than the processor foresees them, wide ones do not.
inline Strip read_row(const float* x, std::int64_t row, std::int64_t stride, int count) {
  constexpr std::int64_t rows_ahead = 16, narrow = 256;
  const float* at = x + row * stride;
  if (stride <= narrow)
    for (int i = 0; i < strip_vectors; ++i)
      __builtin_prefetch(at + rows_ahead * stride + i * lanes);
  return Strip::read(at, count);
}

}  // namespace ganymede::kernels::cpu
