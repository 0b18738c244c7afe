// The products in double behind a Frechet distance: a step of the polar iteration on 2,000 against
// 2,000 images, and of 1,341 images at 768 dims (paper 003). Shares are of the float ceiling.

#include <fmt/core.h>

#include <ganymede/kernels/moments.h>

#include "works.h"

namespace ganymede::bench {
namespace {

using Operands = std::vector<float*>;

double* doubles(float* buffer) { return reinterpret_cast<double*>(buffer); }

/// Operands: normal draws in f32, the same in f64, and the result, which has their means before.
void make_doubles(Stream& stream, std::int64_t rows, std::int64_t columns, const Operands& o) {
  kernels::column_means(stream, rows, columns, o[0], doubles(o[2]));
  kernels::centred(stream, rows, columns, 1.0, o[0], doubles(o[2]), doubles(o[1]));
}

Work work(const char* op, std::int64_t rows, std::int64_t columns, double flops,
          std::int64_t results) {
  const std::int64_t n = rows * columns;
  Work w{op,    "frechet", fmt::format("{}x{} f64", rows, columns),
         flops, 0.0,       {n, 2 * n, 2 * results},
         {}};
  w.bytes = 8.0 * static_cast<double>(n + results);
  w.prepare = [rows, columns](Stream& stream, const Operands& o) {
    make_doubles(stream, rows, columns, o);
  };
  return w;
}

void add_step(std::vector<Work>& all, std::int64_t rows, std::int64_t columns) {
  const double half = static_cast<double>(rows) * static_cast<double>(columns * columns);
  Work gram = work("gram", rows, columns, half, columns * columns);
  gram.run = [rows, columns](Stream& stream, const Operands& o) {
    kernels::gram(stream, rows, columns, doubles(o[1]), doubles(o[2]));
  };
  Work product = work("multiply_doubles", rows, columns, 2 * half, rows * columns);
  product.buffers.push_back(2 * columns * columns);
  product.bytes += 8.0 * static_cast<double>(columns * columns);
  const auto prepare_x = product.prepare;
  product.prepare = [rows, columns, prepare_x](Stream& stream, const Operands& o) {
    prepare_x(stream, o);
    kernels::gram(stream, rows, columns, doubles(o[1]), doubles(o[3]));
  };
  product.run = [rows, columns](Stream& stream, const Operands& o) {
    const kernels::DoubleProduct shape{rows, columns, columns, false, 1e-9, 1.0};
    kernels::multiply_doubles(stream, shape, doubles(o[1]), doubles(o[3]), doubles(o[1]),
                              doubles(o[2]));
  };
  all.push_back(std::move(gram));
  all.push_back(std::move(product));
}

}  // namespace

std::vector<Work> frechet_works() {
  std::vector<Work> all;
  add_step(all, 2000, 2000);
  add_step(all, 1341, 768);
  return all;
}

}  // namespace ganymede::bench
