#pragma once
// The product of one minimal filtering F: tiles are transformed, multiplied point by point as
// matrices over channels, and transformed back. Threads share the tiles; each takes a block of
// tiles at a time through all three stages, so that the transformed block stays in cache.

#include <algorithm>

#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/cpu/operand.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/tile.h>
#include <ganymede/kernels/cpu/winograd_lattice.h>
#include <ganymede/kernels/cpu/winograd_transform.h>
#include <ganymede/kernels/functors.h>

namespace ganymede::kernels::cpu::winograd {

/// Points lie a vector further apart than their content: a power of two would put them all into the
/// same few cache sets.
inline constexpr std::int64_t skew = lanes;

/// Rows likewise.
inline std::int64_t skewed(std::int64_t row) { return row % 64 ? row : row + skew; }

/// Channels of all planes side by side, each plane in whole vectors.
inline std::int64_t padded_channels(const Image& image) { return round_up(image.channels, lanes); }

/// The pixels under a square of positions: where they lie, or where zeros lie.
template <int Size>
struct Square {
  const float* at[Size][Size];

  Square(const Image& image, std::int64_t n, int plane, int v, int u, const float* data,
         const float* zeros) {
    for (int i = 0; i < Size; ++i)
      for (int j = 0; j < Size; ++j) {
        const std::int64_t pixel = image.pixel(n, plane, v + i, u + j);
        at[i][j] = pixel < 0 ? zeros : data + pixel;
      }
  }
};

inline Vec load_channels(const float* p, int count) {
  return count >= lanes ? load(p) : load_part(p, count);
}

inline void store_channels(float* p, Vec v, int count) {
  if (count >= lanes)
    store(p, v);
  else
    store_part(p, v, count);
}

/// Asks for the place of the next tile: a transform writes to as many streams as it has points,
/// more than the processor follows, and after other work all of them are in memory.
inline void ask_to_write(float* p) { __builtin_prefetch(p, 1); }

template <class F>
class Product {
 public:
  static constexpr int size = F::size, square = size * size;

  explicit Product(const Problem& problem)
      : p_(problem),
        tiles_h_((p_.count_h + F::outputs - 1) / F::outputs),
        tiles_w_((p_.count_w + F::outputs - 1) / F::outputs),
        tiles_(std::int64_t{p_.batch} * tiles_h_ * tiles_w_),
        depth_(p_.in.planes() * padded_channels(p_.in)),
        width_(round_up(p_.out.channels, tile_columns)) {}

  void run(Stream& stream, const float* x, const float* w, float* y, const Fused& fused) const;
  void weight_grad(Stream& stream, const float* x, const float* gy, float* gw) const;

  /// The same bits in the order of winograd_few.h, and where that is the faster one: few tiles, and
  /// weights that are too many for the cache when transformed.
  bool few_tiles() const { return tiles_ <= 64 && square * depth_ * width_ > 1 << 18; }
  bool few_grad_tiles() const {
    return tiles_ < 64 || (tiles_ <= 128 && square * depth_ * width_ > 1 << 24);
  }
  void run_few(Stream& stream, const float* x, const float* w, float* y, const Fused& fused) const;
  void weight_grad_few(Stream& stream, const float* x, const float* gy, float* gw) const;

 private:
  struct Place {
    std::int64_t image;
    int v, u;
  };
  Place place(std::int64_t tile) const {
    const auto row = static_cast<int>(tile / tiles_w_ % tiles_h_);
    const auto column = static_cast<int>(tile % tiles_w_);
    return {tile / tiles_w_ / tiles_h_, p_.begin_h + row * F::outputs,
            p_.begin_w + column * F::outputs};
  }
  // Tiles taken through the stages together: such that they fit a second-level cache, but enough
  // for what each weight costs that comes from beyond it.
  std::int64_t block_tiles(std::int64_t floats_per_tile) const {
    constexpr std::int64_t cached = 1 << 18, most = 1 << 20;
    constexpr std::int64_t enough = 4 * tile_rows, limit = 8 * tile_rows;
    const std::int64_t wanted = std::max(cached / floats_per_tile, enough);
    const std::int64_t rows = std::min({wanted, most / floats_per_tile, limit});
    return std::max<std::int64_t>(rows / tile_rows, 1) * tile_rows;
  }

  // Tiles whose weight gradients are summed at once: many, because the sums go through memory once
  // for each block; but such that the transformed block stays in a last-level cache.
  std::int64_t grad_block(std::int64_t floats_per_point) const {
    constexpr std::int64_t budget = 5 << 20;
    const std::int64_t fitting = budget / (square * floats_per_point);
    return std::min(std::clamp<std::int64_t>(fitting, 96, 256), tiles_);
  }

  void turn_weights(const float* w, int plane, std::int64_t channel, std::int64_t first,
                    float* turned) const;
  void transform_weights(const float* w, float* u) const;
  void transform_weights(const float* w, int plane, Range channels, std::int64_t first, float* to,
                         std::int64_t point) const;
  template <class Put>
  void transform_input(std::int64_t tile, const float* x, const float* zeros, std::int64_t row,
                       const Put& put) const;
  void transform_output(std::int64_t tile, const float* m, std::int64_t point, Range columns,
                        float* y, const Fused& fused) const;
  template <class Put>
  void transform_output_grad(std::int64_t tile, const float* gy, const float* zeros,
                             std::int64_t row, const Put& put) const;
  template <class Sum>
  void gather_weights(const Sum& sum, std::int64_t k, int plane, std::int64_t c, float* gw) const;

  void transform_all_input(const float* x, const float* zeros, float* v, std::int64_t v_row,
                           std::int64_t v_point) const;
  void multiply_panel(std::int64_t first, const float* w, const float* v, std::int64_t v_row,
                      std::int64_t v_point, float* u, float* m) const;
  void weight_grad_block(Range filters, std::int64_t first, const float* g, std::int64_t g_point,
                         const float* v, std::int64_t v_point, float* sums, float* gw) const;

  Problem p_;
  int tiles_h_, tiles_w_;
  std::int64_t tiles_, depth_, width_;
};

// B^T d B of every plane and vector of channels; put(point, channel) tells where it goes, `row`
// before the next tile's.
template <class F>
template <class Put>
void Product<F>::transform_input(std::int64_t tile, const float* x, const float* zeros,
                                 std::int64_t row, const Put& put) const {
  const Place at = place(tile);
  const std::int64_t pad = padded_channels(p_.in);
  for (int plane = 0; plane < p_.in.planes(); ++plane) {
    const Square<size> pixels(p_.in, at.image, plane, at.v, at.u, x, zeros);
    for (std::int64_t c = 0; c < p_.in.channels; c += lanes) {
      const int count = static_cast<int>(std::min<std::int64_t>(lanes, p_.in.channels - c));
      transform_square<Evaluate, Input<F>>(
          [&](int i, int j) { return load_channels(pixels.at[i][j] + c, count); },
          [&](int i, int j, Vec v) {
            float* to = put(i * size + j, plane * pad + c);
            ask_to_write(to + row);
            store(to, v);
          });
    }
  }
}

// y = A^T m A, with bias and activation, for channels `columns`, of which m has the first.
template <class F>
void Product<F>::transform_output(std::int64_t tile, const float* m, std::int64_t point,
                                  Range columns, float* y, const Fused& fused) const {
  const Place at = place(tile);
  float* pixels[F::outputs][F::outputs];
  for (int i = 0; i < F::outputs; ++i)
    for (int j = 0; j < F::outputs; ++j) {
      const std::int64_t pixel = p_.out.pixel(at.image, 0, at.v + i, at.u + j);
      pixels[i][j] = pixel < 0 ? nullptr : y + pixel;
    }
  const Vec slope = broadcast(fused.slope);
  for (std::int64_t k = columns.begin; k < columns.end; k += lanes) {
    const int count = static_cast<int>(std::min<std::int64_t>(lanes, columns.end - k));
    const Vec bias = fused.bias ? load_channels(fused.bias + k, count) : broadcast(0.0f);
    transform_square<Interpolate, Output<F>>(
        [&](int i, int j) { return load(m + (i * size + j) * point + k - columns.begin); },
        [&](int i, int j, Vec v) {
          if (!pixels[i][j]) return;
          Vec value = v + bias;
          if (fused.slope != 1.0f) value = select_positive(value, value, slope * value);
          store_channels(pixels[i][j] + k, value, count);
        });
  }
}

template <class F>
void Product<F>::run(Stream& stream, const float* x, const float* w, float* y,
                     const Fused& fused) const {
  const std::int64_t u_point = width_ * depth_ + skew;
  const Workspace weights = workspace(stream, square * u_point);
  auto* u = static_cast<float*>(weights.data());
  transform_weights(w, u);

  const std::int64_t v_row = skewed(depth_), m_row = skewed(width_);
  const std::int64_t block = block_tiles(square * (v_row + m_row));
  const std::int64_t v_point = block * v_row + skew, m_point = block * m_row + skew;
  const std::int64_t zero_count = padded_channels(p_.in);
  const int parts = parts_of(tiles_, tile_rows);
  const std::int64_t room = square * (v_point + m_point) + zero_count;
  const Workspace buffers = workspace(stream, parts * room);
  parallel_parts(parts, [&](int part) {
    float* v = static_cast<float*>(buffers.data()) + part * room;
    float* m = v + square * v_point;
    float* zeros = m + square * m_point;
    std::fill_n(zeros, zero_count, 0.0f);
    // Channels that only pad a vector stay zero.
    if (p_.in.channels != zero_count) std::fill_n(v, square * v_point, 0.0f);
    const Range range = part_of(tiles_, part, parts);
    for (std::int64_t first = range.begin; first < range.end; first += block) {
      const std::int64_t count = std::min(block, range.end - first);
      for (std::int64_t t = 0; t < count; ++t)
        transform_input(first + t, x, zeros, v_row, [&](int point, std::int64_t channel) {
          return v + point * v_point + t * v_row + channel;
        });
      for (int point = 0; point < square; ++point)
        tiles(count, width_,
              {.a = v + point * v_point,
               .b = u + point * u_point,
               .a_row = v_row,
               .a_step = 1,
               .b_step = tile_columns,
               .depth = depth_},
              depth_ * tile_columns, m + point * m_point, m_row, false);
      for (std::int64_t t = 0; t < count; ++t)
        transform_output(first + t, m + t * m_row, m_point, {0, p_.out.channels}, y, fused);
    }
  });
}

}  // namespace ganymede::kernels::cpu::winograd
