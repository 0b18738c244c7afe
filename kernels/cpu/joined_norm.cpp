// Batch norm of maps side by side, norm.cpp's formulas: y = act((x - mean) scale + beta), scale =
// gamma inv_std; gx = scale (g' - gbeta / rows - xhat ggamma / rows). The work goes by tiles of a
// few rows, in which a pair of vectors of columns keeps its constants: every tile of y (gy) is
// whole lines of memory, although it is written (read) a map at a time.

#include <ganymede/kernels/cpu/norm_mask.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/simd.h>
#include <ganymede/kernels/cpu/statistics.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/norm.h>

#include <algorithm>
#include <cmath>

namespace ganymede::kernels::cpu {
namespace {

constexpr std::int64_t tile_rows = 8;

constexpr int vectors = 2, pair_columns = vectors * lanes;

/// The columns that are done at once: with AVX-512 the 32 of a DenseNet's maps.
struct Pair {
  Vec v[vectors];
  static Pair at(const float* p) {
    Pair x;
    for (int i = 0; i < vectors; ++i) x.v[i] = load(p + i * lanes);
    return x;
  }
};

std::int64_t padded(std::int64_t channels) { return channels + pair_columns; }

/// Arrays over all channels, each with room for a pair behind its end.
class Arrays {
 public:
  Arrays(Stream& stream, std::int64_t count, std::int64_t channels)
      : block_(
            allocate(stream, static_cast<std::size_t>(count * padded(channels)) * sizeof(float))),
        width_(padded(channels)) {}
  float* operator[](std::int64_t i) const {
    return static_cast<float*>(block_.data()) + i * width_;
  }

 private:
  Block block_;
  std::int64_t width_;
};

/// What batch norm does to column c: pre = (x - mean) scale + beta, scale = gamma inv_std.
struct Constants {
  Arrays arrays;
  float *mean = arrays[0], *inv_std = arrays[1], *scale = arrays[2], *beta = arrays[3];

  Constants(Stream& stream, const BatchNormShape& s, NormPieces pieces, const float* gamma,
            const float* given_beta)
      : arrays(stream, 4, s.channels) {
    std::int64_t c = 0;
    for (const NormPiece& piece : pieces)
      for (std::int64_t i = 0; i < piece.channels; ++i, ++c) {
        mean[c] = piece.mean[i];
        inv_std[c] = 1.0f / std::sqrt(piece.variance[i] + s.epsilon);
        scale[c] = gamma ? gamma[c] * inv_std[c] : inv_std[c];
        beta[c] = given_beta ? given_beta[c] : 0.0f;
      }
  }
};

/// Up to `pair_columns` neighbouring columns: of a piece from its column `column` on, of all
/// channels from `channel` on. Whole: exactly `pair_columns`.
template <bool Whole>
struct Columns {
  const NormPiece& piece;
  std::int64_t column, channel;
  int count;

  int left(int i) const { return std::clamp(count - i * lanes, 0, lanes); }
  Pair read(const float* p) const {
    if (Whole) return Pair::at(p);
    Pair x;
    for (int i = 0; i < vectors; ++i) x.v[i] = load_part(p + i * lanes, left(i));
    return x;
  }
  void write(float* p, const Pair& x) const {
    for (int i = 0; i < vectors; ++i)
      Whole ? store(p + i * lanes, x.v[i]) : store_part(p + i * lanes, x.v[i], left(i));
  }
  /// In the piece's matrices and in that of all channels.
  std::int64_t of_piece(std::int64_t row) const { return row * piece.channels + column; }
  std::int64_t of_all(std::int64_t row, std::int64_t channels) const {
    return row * channels + channel;
  }
};

/// Calls body(columns, first row, last row) for all columns of each tile of rows [begin, end).
template <class Body>
void for_tiles(NormPieces pieces, std::int64_t begin, std::int64_t end, const Body& body) {
  for (std::int64_t row = begin; row < end; row += tile_rows) {
    const std::int64_t last = std::min(end, row + tile_rows);
    std::int64_t channel = 0;
    for (const NormPiece& piece : pieces) {
      std::int64_t column = 0;
      for (; column + pair_columns <= piece.channels; column += pair_columns)
        body(Columns<true>{piece, column, channel + column, pair_columns}, row, last);
      if (column < piece.channels)
        body(Columns<false>{piece, column, channel + column,
                            static_cast<int>(piece.channels - column)},
             row, last);
      channel += piece.channels;
    }
  }
}

/// Asks for the same columns a tile later: a tile's rows lie too far apart for the processor to
/// foresee them.
inline void ask_ahead(const float* p, std::int64_t row_stride) {
  for (int i = 0; i < vectors; ++i) __builtin_prefetch(p + tile_rows * row_stride + i * lanes);
}
inline void ask_ahead_to_write(const float* p, std::int64_t row_stride) {
  for (int i = 0; i < vectors; ++i) __builtin_prefetch(p + tile_rows * row_stride + i * lanes, 1);
}

/// A pair of columns of the backward pass.
struct GradColumns {
  Pair mean, scale, beta;
  Vec slope;

  GradColumns(const Constants& k, std::int64_t channel, float slope_value)
      : mean(Pair::at(k.mean + channel)),
        scale(Pair::at(k.scale + channel)),
        beta(Pair::at(k.beta + channel)),
        slope(broadcast(slope_value)) {}
  /// g' and x - mean of vector i.
  void at(int i, Vec x, Vec gy, Vec& g, Vec& centred) const {
    centred = x - mean.v[i];
    g = masked(centred * scale.v[i] + beta.v[i], gy, slope);
  }
};

/// Rows that are summed up in f32, few enough for every thread to have some.
std::int64_t summed_rows(std::int64_t rows) { return std::max<std::int64_t>(64, (rows + 63) / 64); }

/// total_g[c] = sum g', total_gx[c] = sum g' xhat over all rows; chunks are added in order.
void grad_sums(Stream& stream, const BatchNormShape& s, const Constants& k, NormPieces pieces,
               const float* gy, float* total_g, float* total_gx) {
  const std::int64_t size = summed_rows(s.rows), chunks = (s.rows + size - 1) / size;
  const Arrays partial(stream, 2 * chunks, s.channels);
  const float slope = slope_of(s);
  parallel_for(chunks, row_grain(size * s.channels), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t chunk = first; chunk < last; ++chunk) {
      float *g_sum = partial[2 * chunk], *gx_sum = partial[2 * chunk + 1];
      std::fill_n(g_sum, s.channels, 0.0f);
      std::fill_n(gx_sum, s.channels, 0.0f);
      const auto add = [&](const auto& c, std::int64_t row, std::int64_t end) {
        const GradColumns of(k, c.channel, slope);
        Pair sum = c.read(g_sum + c.channel), product = c.read(gx_sum + c.channel);
        for (; row < end; ++row) {
          const float *x = c.piece.x + c.of_piece(row), *g_at = gy + c.of_all(row, s.channels);
          ask_ahead(x, c.piece.channels);
          ask_ahead(g_at, s.channels);
          const Pair value = c.read(x), gradient = c.read(g_at);
          for (int i = 0; i < vectors; ++i) {
            Vec g, centred;
            of.at(i, value.v[i], gradient.v[i], g, centred);
            sum.v[i] = sum.v[i] + g;
            product.v[i] = fma(g, centred, product.v[i]);
          }
        }
        c.write(g_sum + c.channel, sum);
        c.write(gx_sum + c.channel, product);
      };
      for_tiles(pieces, chunk * size, std::min(s.rows, (chunk + 1) * size), add);
    }
  });
  parallel_for(s.channels, row_grain(2 * chunks), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      double g = 0.0, product = 0.0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
        g += double{partial[2 * chunk][c]};
        product += double{partial[2 * chunk + 1][c]};
      }
      total_g[c] = static_cast<float>(g);
      total_gx[c] = static_cast<float>(product * double{k.inv_std[c]});
    }
  });
}

/// gx = scale g' - offset - (x - mean) along, with the sums folded into two constants per channel.
void input_grads(Stream& stream, const BatchNormShape& s, const Constants& k, NormPieces pieces,
                 const float* gy, const float* total_g, const float* total_gx) {
  const Arrays folded(stream, 2, s.channels);
  float *offset = folded[0], *along = folded[1];
  const float slope = slope_of(s), share = 1.0f / static_cast<float>(s.rows);
  for (std::int64_t c = 0; c < s.channels; ++c) {
    offset[c] = k.scale[c] * share * total_g[c];
    along[c] = k.scale[c] * share * k.inv_std[c] * total_gx[c];
  }
  parallel_for(s.rows, row_grain(s.channels), [&](std::int64_t first, std::int64_t last) {
    for_tiles(pieces, first, last, [&](const auto& c, std::int64_t row, std::int64_t end) {
      if (!c.piece.gx) return;
      const GradColumns of(k, c.channel, slope);
      const Pair all = Pair::at(offset + c.channel), by_x = Pair::at(along + c.channel);
      for (; row < end; ++row) {
        const float *x = c.piece.x + c.of_piece(row), *g_at = gy + c.of_all(row, s.channels);
        float* gx = c.piece.gx + c.of_piece(row);
        ask_ahead(x, c.piece.channels);
        ask_ahead(g_at, s.channels);
        ask_ahead_to_write(gx, c.piece.channels);
        Pair value = c.read(x);
        const Pair gradient = c.read(g_at);
        for (int i = 0; i < vectors; ++i) {
          Vec g, centred;
          of.at(i, value.v[i], gradient.v[i], g, centred);
          value.v[i] = of.scale.v[i] * g - all.v[i] - centred * by_x.v[i];
        }
        c.write(gx, value);
      }
    });
  });
}

}  // namespace

void channel_statistics(Stream& stream, std::int64_t rows, std::int64_t channels, const float* x,
                        float* mean, float* variance) {
  column_statistics(stream, rows, channels, x, mean, variance);
}

void joined_batch_norm(Stream& stream, const BatchNormShape& s, NormPieces pieces,
                       const float* gamma, const float* beta, float* y,
                       const MovingStatistics& moving) {
  std::int64_t channel = 0;
  for (const NormPiece& piece : pieces)
    for (std::int64_t i = 0; i < piece.channels && moving.mean; ++i, ++channel)
      move_statistics(moving, channel, piece.mean[i], piece.variance[i]);
  const Constants k(stream, s, pieces, gamma, beta);
  const Vec slope = broadcast(slope_of(s));
  parallel_for(s.rows, row_grain(s.channels), [&](std::int64_t first, std::int64_t last) {
    for_tiles(pieces, first, last, [&](const auto& c, std::int64_t row, std::int64_t end) {
      const Pair mean = Pair::at(k.mean + c.channel), scale = Pair::at(k.scale + c.channel),
                 shift = Pair::at(k.beta + c.channel);
      for (; row < end; ++row) {
        const float* x = c.piece.x + c.of_piece(row);
        float* to = y + c.of_all(row, s.channels);
        ask_ahead(x, c.piece.channels);
        ask_ahead_to_write(to, s.channels);
        Pair value = c.read(x);
        for (int i = 0; i < vectors; ++i) {
          const Vec pre = (value.v[i] - mean.v[i]) * scale.v[i] + shift.v[i];
          value.v[i] = select_positive(pre, pre, slope * pre);
        }
        c.write(to, value);
      }
    });
  });
}

void joined_batch_norm_grad(Stream& stream, const BatchNormShape& s, NormPieces pieces,
                            const float* gamma, const float* beta, const float* gy, float* ggamma,
                            float* gbeta) {
  const Constants k(stream, s, pieces, gamma, beta);
  const Arrays totals(stream, 2, s.channels);
  grad_sums(stream, s, k, pieces, gy, totals[0], totals[1]);
  if (gbeta) std::copy_n(totals[0], s.channels, gbeta);
  if (ggamma) std::copy_n(totals[1], s.channels, ggamma);
  input_grads(stream, s, k, pieces, gy, totals[0], totals[1]);
}

}  // namespace ganymede::kernels::cpu
