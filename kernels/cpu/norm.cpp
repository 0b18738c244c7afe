// Batch norm. Forward: statistics in one pass, then y = act((x - mean) a + beta + addend), a =
// gamma inv_std. Backward, with g' = gy where the activation let through (else slope gy) and x^ =
// (x - mean) inv_std:
//   gbeta = sum g',  ggamma = sum g' x^,  gx = a (g' - gbeta / rows - x^ ggamma / rows)
// one pass for the sums and one for gx; the mask of the activation is recomputed from x.

#include <ganymede/kernels/cpu/column_chunks.h>
#include <ganymede/kernels/cpu/norm_mask.h>
#include <ganymede/kernels/cpu/statistics.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/norm.h>

#include <cmath>

namespace ganymede::kernels::cpu {
namespace {

// The matrix as lines of `fold` rows (column_chunks.h).
struct Lines {
  std::int64_t fold, count, width;
  explicit Lines(const BatchNormShape& s)
      : fold(fold_of(s.rows, s.channels)), count(s.rows / fold), width(s.channels * fold) {}
};

// Constants of a line's columns, each array round_up(width, strip) long so that strips read whole.
struct Constants {
  Lines lines;
  Block block;
  float *mean, *inv_std, *scale, *beta;
};

Constants constants(Stream& stream, const BatchNormShape& s, const float* gamma, const float* beta,
                    const float* mean, const float* variance) {
  const Lines lines(s);
  const std::int64_t width = round_up(lines.width, strip);
  Constants k{lines,   allocate(stream, static_cast<std::size_t>(4 * width) * sizeof(float)),
              nullptr, nullptr,
              nullptr, nullptr};
  k.mean = static_cast<float*>(k.block.data());
  k.inv_std = k.mean + width;
  k.scale = k.inv_std + width;
  k.beta = k.scale + width;
  for (std::int64_t i = 0; i < width; ++i) {
    const bool real = i < lines.width;
    const std::int64_t c = i % s.channels;
    k.mean[i] = real ? mean[c] : 0.0f;
    k.inv_std[i] = real ? 1.0f / std::sqrt(variance[c] + s.epsilon) : 0.0f;
    k.scale[i] = real && gamma ? gamma[c] * k.inv_std[i] : k.inv_std[i];
    k.beta[i] = real && beta ? beta[c] : 0.0f;
  }
  return k;
}

// Calls body(line's first element, first column, last column) for pieces of all lines. Wide lines
// (a dense layer's 32,768 channels, 16 rows) are cut too.
template <class Body>
void for_pieces(const Lines& lines, const Body& body) {
  const std::int64_t piece = std::min<std::int64_t>(lines.width, 4096);
  const std::int64_t pieces = (lines.width + piece - 1) / piece;
  parallel_for(lines.count * pieces, row_grain(piece), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i % pieces * piece;
      body(i / pieces * lines.width, first, std::min(first + piece, lines.width));
    }
  });
}

// addend(i): what is added to element i before the activation.
template <class Addend>
void normalise(const BatchNormShape& s, const Constants& k, const float* x, float* y,
               const Addend& addend) {
  const float slope = slope_of(s);
  for_pieces(k.lines, [=, &k](std::int64_t line, std::int64_t first, std::int64_t last) {
#pragma omp simd
    for (std::int64_t c = first; c < last; ++c) {
      const float pre = (x[line + c] - k.mean[c]) * k.scale[c] + k.beta[c];
      y[line + c] = functor::leaky_relu(pre + addend(line + c), slope);
    }
  });
}

void normalise(const BatchNormShape& s, const Constants& k, const float* x, const float* addend,
               float* y) {
  if (addend)
    normalise(s, k, x, y, [addend](std::int64_t i) { return addend[i]; });
  else
    normalise(s, k, x, y, [](std::int64_t) { return 0.0f; });
}

// One strip of channels of the backward pass: everything that does not change from row to row.
struct GradStrip {
  Strip mean, inv_std, scale, beta;
  Vec slope;

  GradStrip(const Constants& k, std::int64_t channel, float slope_value)
      : mean(Strip::read(k.mean + channel, strip)),
        inv_std(Strip::read(k.inv_std + channel, strip)),
        scale(Strip::read(k.scale + channel, strip)),
        beta(Strip::read(k.beta + channel, strip)),
        slope(broadcast(slope_value)) {}

  // g' and x - mean of vector i.
  void at(int i, Vec x, Vec gy, Vec& g, Vec& centred) const {
    centred = x - mean.v[i];
    g = masked(centred * scale.v[i] + beta.v[i], gy, slope);
  }
};

// A function of its own, so that no store is thought to change what it reads: the sums stay in
// registers.
void grad_chunk(const GradStrip strip_of, std::int64_t rows, std::int64_t stride, const float* x,
                const float* gy, int count, float* g_sum, float* gx_sum) {
  Strip sum = Strip::of(0.0f), product = Strip::of(0.0f);
  for (std::int64_t row = 0; row < rows; ++row) {
    const Strip value = read_row(x, row, stride, count);
    const Strip grad = read_row(gy, row, stride, count);
    for (int i = 0; i < strip_vectors; ++i) {
      Vec g, centred;
      strip_of.at(i, value.v[i], grad.v[i], g, centred);
      sum.v[i] = sum.v[i] + g;
      product.v[i] = fma(g, centred, product.v[i]);
    }
  }
  sum.write(g_sum);
  product.write(gx_sum);
}

struct Sums {
  Block block;
  float *g, *gx;  // [chunks][width]: sum g', sum g' (x - mean)
  float *total_g, *total_gx;
};

Sums grad_sums(Stream& stream, const BatchNormShape& s, const Constants& k, const float* x,
               const float* gy) {
  const Lines& lines = k.lines;
  const std::int64_t width = round_up(lines.width, strip), chunks = chunks_of(lines.count);
  Sums sums{allocate(stream, static_cast<std::size_t>(2 * (chunks + 1) * width) * sizeof(float)),
            nullptr, nullptr, nullptr, nullptr};
  sums.g = static_cast<float*>(sums.block.data());
  sums.gx = sums.g + chunks * width;
  sums.total_g = sums.gx + chunks * width;
  sums.total_gx = sums.total_g + width;
  for_chunks(lines.count, lines.width,
             [&](std::int64_t chunk, std::int64_t begin, std::int64_t end, std::int64_t column,
                 int count) {
               const std::int64_t from = begin * lines.width + column;
               const std::int64_t to = chunk * width + column;
               grad_chunk(GradStrip(k, column, slope_of(s)), end - begin, lines.width, x + from,
                          gy + from, count, sums.g + to, sums.gx + to);
             });
  parallel_for(s.channels, row_grain(2 * chunks * lines.fold),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t c = begin; c < end; ++c) {
                   double g = 0.0, product = 0.0;
                   for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
                     for (std::int64_t i = c; i < lines.width; i += s.channels) {
                       g += double{sums.g[chunk * width + i]};
                       product += double{sums.gx[chunk * width + i]};
                     }
                   sums.total_g[c] = static_cast<float>(g);
                   sums.total_gx[c] = static_cast<float>(product * double{k.inv_std[c]});
                 }
               });
  return sums;
}

void input_grad(const BatchNormShape& s, const Constants& k, const Sums& sums, const float* x,
                const float* gy, float* gx) {
  // gx = scale g' - offset - (x - mean) along, with the sums folded into two constants per channel.
  const float slope = slope_of(s), share = 1.0f / static_cast<float>(s.rows);
  float *offset = sums.g, *along = sums.gx;  // the partial sums are used up
  for (std::int64_t i = 0; i < k.lines.width; ++i) {
    const std::int64_t c = i % s.channels;
    offset[i] = k.scale[i] * share * sums.total_g[c];
    along[i] = k.scale[i] * share * k.inv_std[i] * sums.total_gx[c];
  }
  const float *mean = k.mean, *scale = k.scale, *beta = k.beta;
  for_pieces(k.lines, [=](std::int64_t line, std::int64_t first, std::int64_t last) {
#pragma omp simd
    for (std::int64_t c = first; c < last; ++c) {
      const float centred = x[line + c] - mean[c];
      const float through = functor::leaky_relu_slope(centred * scale[c] + beta[c], slope);
      gx[line + c] = scale[c] * (through * gy[line + c]) - offset[c] - centred * along[c];
    }
  });
}

}  // namespace

void batch_norm(Stream& stream, const BatchNormShape& s, const float* x, const float* gamma,
                const float* beta, const float* addend, float* y, float* mean, float* variance,
                const MovingStatistics& moving) {
  column_statistics(stream, s.rows, s.channels, x, mean, variance);
  for (std::int64_t c = 0; moving.mean && c < s.channels; ++c)
    move_statistics(moving, c, mean[c], variance[c]);
  normalise(s, constants(stream, s, gamma, beta, mean, variance), x, addend, y);
}

void batch_norm_inference(Stream& stream, const BatchNormShape& s, const float* x,
                          const float* gamma, const float* beta, const float* addend,
                          const float* mean, const float* variance, float* y) {
  normalise(s, constants(stream, s, gamma, beta, mean, variance), x, addend, y);
}

void batch_norm_grad(Stream& stream, const BatchNormShape& s, const float* x, const float* gamma,
                     const float* beta, const float* mean, const float* variance, const float* gy,
                     float* gx, float* ggamma, float* gbeta) {
  const Constants k = constants(stream, s, gamma, beta, mean, variance);
  const Sums sums = grad_sums(stream, s, k, x, gy);
  if (ggamma) std::copy_n(sums.total_gx, s.channels, ggamma);
  if (gbeta) std::copy_n(sums.total_g, s.channels, gbeta);
  if (gx) input_grad(s, k, sums, x, gy, gx);
}

}  // namespace ganymede::kernels::cpu
