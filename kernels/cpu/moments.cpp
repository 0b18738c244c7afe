// Threads share columns of outputs; every sum runs in ascending order on one thread.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/moments.h>

#include <algorithm>
#include <vector>

namespace ganymede::kernels::cpu {
namespace {

/// A product's c is made in strips of `width` columns, for which a piece of b that fits the cache
/// is packed with k outermost; `height` rows at once keep their sums in registers.
constexpr std::int64_t width = 32, height = 4, piece = 256;

struct Product {
  DoubleProduct s;
  const double *a, *b, *d;
  double* c;

  const double* a_at(std::int64_t row, std::int64_t k) const {
    return s.transposed ? a + k * s.m + row : a + row * s.k + k;
  }
  std::int64_t a_stride() const { return s.transposed ? s.m : 1; }  ///< along k
  double b_at(std::int64_t k, std::int64_t column) const {
    return s.transposed ? b[k * s.n + column] : b[column * s.k + k];
  }
};

/// packed[k][j], zero beyond the last column.
void pack(const Product& p, std::int64_t k0, std::int64_t depth, std::int64_t column0,
          double* packed) {
  const std::int64_t columns = std::min(width, p.s.n - column0);
  for (std::int64_t k = 0; k < depth; ++k)
    for (std::int64_t j = 0; j < width; ++j)
      packed[k * width + j] = j < columns ? p.b_at(k0 + k, column0 + j) : 0.0;
}

/// sums[r][j] += over k of a b for `height` rows; rows beyond the last repeat it.
void add_piece(const Product& p, std::int64_t row0, std::int64_t k0, std::int64_t depth,
               const double* packed, double (*sums)[width]) {
  double kept[height][width];  // in registers: sums might be a
  std::copy_n(&sums[0][0], height * width, &kept[0][0]);
  const double* rows[height];
  for (std::int64_t r = 0; r < height; ++r) rows[r] = p.a_at(std::min(row0 + r, p.s.m - 1), k0);
  for (std::int64_t k = 0; k < depth; ++k)
    for (std::int64_t r = 0; r < height; ++r) {
      const double a = rows[r][k * p.a_stride()];
      for (std::int64_t j = 0; j < width; ++j) kept[r][j] += a * packed[k * width + j];
    }
  std::copy_n(&kept[0][0], height * width, &sums[0][0]);
}

void strip(const Product& p, std::int64_t column0) {
  const std::int64_t columns = std::min(width, p.s.n - column0);
  const auto quads = static_cast<std::size_t>((p.s.m + height - 1) / height);
  std::vector<double> sums(quads * height * width, 0.0), packed(piece * width);
  const auto of = [&](std::int64_t row) {
    return reinterpret_cast<double(*)[width]>(sums.data() + row * width);
  };
  for (std::int64_t k0 = 0; k0 < p.s.k; k0 += piece) {
    const std::int64_t depth = std::min(piece, p.s.k - k0);
    pack(p, k0, depth, column0, packed.data());
    for (std::int64_t row = 0; row < p.s.m; row += height)
      add_piece(p, row, k0, depth, packed.data(), of(row));
  }
  const bool adds = p.d && p.s.beta != 0.0;
  for (std::int64_t row = 0; row < p.s.m; ++row)
    for (std::int64_t j = 0; j < columns; ++j) {
      const std::int64_t at = row * p.s.n + column0 + j;
      p.c[at] = p.s.alpha * sums[static_cast<std::size_t>(row * width + j)] +
                (adds ? p.s.beta * p.d[at] : 0.0);
    }
}

}  // namespace

void column_means(Stream&, std::int64_t rows, std::int64_t columns, const float* x, double* mean) {
  parallel_for(columns, row_grain(rows), [&](std::int64_t begin, std::int64_t end) {
    std::fill(mean + begin, mean + end, 0.0);
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = begin; j < end; ++j) mean[j] += double{x[i * columns + j]};
    for (std::int64_t j = begin; j < end; ++j) mean[j] /= static_cast<double>(rows);
  });
}

void centred(Stream&, std::int64_t rows, std::int64_t columns, double scale, const float* x,
             const double* mean, double* y) {
  parallel_for(rows, row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        y[i * columns + j] = scale * (double{x[i * columns + j]} - mean[j]);
  });
}

void multiply_doubles(Stream&, const DoubleProduct& s, const double* a, const double* b,
                      const double* d, double* c) {
  const Product p{s, a, b, d, c};
  if (s.m <= 0) return;
  parallel_for((s.n + width - 1) / width, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) strip(p, i * width);
  });
}

void gram(Stream& stream, std::int64_t rows, std::int64_t columns, const double* x, double* y) {
  multiply_doubles(stream, {columns, columns, rows, true}, x, x, nullptr, y);
}

void inner_product(Stream&, std::int64_t n, const double* a, const double* b, double* y) {
  // Parts of one length, whatever the number of threads: the order of the sum stays.
  constexpr std::int64_t length = 4096;
  std::vector<double> parts(static_cast<std::size_t>((n + length - 1) / length));
  parallel_for(std::ssize(parts), 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      double sum = 0.0;
      for (std::int64_t i = part * length; i < std::min(n, (part + 1) * length); ++i)
        sum += a[i] * b[i];
      parts[static_cast<std::size_t>(part)] = sum;
    }
  });
  double sum = 0.0;
  for (const double part : parts) sum += part;
  *y = sum;
}

}  // namespace ganymede::kernels::cpu
