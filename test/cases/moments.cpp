// Means, centring, Gram matrices, products and inner products in double, against long double.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/moments.h>

#include "test/backends.h"
#include "test/oracle.h"
#include "test/sentinels.h"
#include "test/tolerance.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::DoubleProduct;

/// Both sums of one element: its terms, and their magnitudes.
struct Exact {
  long double value = 0, terms = 0;
  void add(long double term) { value += term, terms += std::abs(term); }
};

/// |got - exact| <= k eps64 sum|terms|; a NaN fails.
void compare(const std::string& what, const std::vector<double>& got,
             const std::vector<Exact>& exact, double k = tolerance::gemm) {
  REQUIRE(got.size() == exact.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(what << ", element " << i << ": " << got[i] << ", exactly " << double(exact[i].value));
    if (!(std::abs(static_cast<long double>(got[i]) - exact[i].value) <=
          static_cast<long double>(k * tolerance::eps64) * exact[i].terms))
      FAIL_CHECK();
  }
}

std::vector<double> draw(TestRng& rng, std::int64_t count) {
  return rng.array({count}, -1.0, 1.0).v;
}

std::vector<Exact> exact(const DoubleProduct& s, const std::vector<double>& a,
                         const std::vector<double>& b, const std::vector<double>& d) {
  std::vector<Exact> c(static_cast<std::size_t>(s.m * s.n));
  const auto at = [&](const std::vector<double>& x, std::int64_t extent, std::int64_t row,
                      std::int64_t k) {
    return static_cast<long double>(
        x[static_cast<std::size_t>(s.transposed ? k * extent + row : row * s.k + k)]);
  };
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j) {
      Exact& to = c[static_cast<std::size_t>(i * s.n + j)];
      for (std::int64_t k = 0; k < s.k; ++k) to.add(s.alpha * at(a, s.m, i, k) * at(b, s.n, j, k));
      if (s.beta != 0) to.add(s.beta * d[static_cast<std::size_t>(i * s.n + j)]);
    }
  return c;
}

std::string name_of(const DoubleProduct& s) {
  return std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
         (s.transposed ? " transposed" : "");
}

void check_product(const DoubleProduct& s, const std::string& backend) {
  const std::string what = "product of doubles " + name_of(s) + " on " + backend;
  TestRng rng(71);
  const auto a = draw(rng, s.m * s.k), b = draw(rng, s.n * s.k), d = draw(rng, s.m * s.n);
  Sentinels buffers(what);
  const double *in_a = buffers.input(a), *in_b = buffers.input(b), *in_d = buffers.input(d);
  double *c = buffers.output<double>(s.m * s.n), *again = buffers.output<double>(s.m * s.n);
  kernels::multiply_doubles(current_stream(), s, in_a, in_b, s.beta != 0 ? in_d : nullptr, c);
  compare(what, buffers.read(c), exact(s, a, b, d));
  kernels::multiply_doubles(current_stream(), s, in_a, in_b, in_d, again);
  CHECK(buffers.read(again) == buffers.read(c));  // the same bits; d is not read where beta is 0
}

void check_gram(std::int64_t rows, std::int64_t columns, const std::string& backend) {
  const DoubleProduct s{columns, columns, rows, true};
  const std::string what = "Gram matrix " + name_of(s) + " on " + backend;
  TestRng rng(73);
  const auto x = draw(rng, rows * columns);
  Sentinels buffers(what);
  double* y = buffers.output<double>(columns * columns);
  kernels::gram(current_stream(), rows, columns, buffers.input(x), y);
  const std::vector<double> got = buffers.read(y);
  compare(what, got, exact(s, x, x, {}));
  const auto n = static_cast<std::size_t>(columns);
  bool symmetric = true;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) symmetric = symmetric && got[i * n + j] == got[j * n + i];
  CHECK(symmetric);
}

}  // namespace

TEST_CASE("products of doubles: extents, both ways, with and without addend", "[moments]") {
  on_each_backend([](const std::string& backend) {
    for (const bool transposed : {false, true}) {
      check_product({1, 1, 1, transposed}, backend);
      check_product({1, 7, 3, transposed, 2.5, -1.5}, backend);
      check_product({13, 1, 29, transposed, -1.0, 1.0}, backend);
      check_product({64, 64, 8, transposed}, backend);
      check_product({67, 61, 33, transposed, 0.5, 3.0}, backend);
      check_product({5, 131, 9, transposed}, backend);
    }
  });
}

TEST_CASE("products of doubles: extents that take tiles of 128", "[moments]") {
  on_each_backend([](const std::string& backend) {
    check_product({250, 131, 11, false, 1.5, -0.5}, backend);
    check_product({125, 253, 19, true}, backend);
    check_gram(11, 381, backend);
  });
}

TEST_CASE("products of doubles: nothing to add up, nothing to write", "[moments]") {
  on_each_backend([](const std::string& backend) {
    check_product({3, 5, 0, false, 1.0, 2.0}, backend);
    check_product({3, 5, 0, true}, backend);
    check_product({0, 5, 3}, backend);
    check_product({5, 0, 3, true}, backend);
  });
}

TEST_CASE("gram matrices: extents, and symmetric to the bit", "[moments]") {
  on_each_backend([](const std::string& backend) {
    check_gram(2, 1, backend);
    check_gram(1, 5, backend);
    check_gram(97, 3, backend);
    check_gram(17, 67, backend);
    check_gram(31, 130, backend);
  });
}

TEST_CASE("products of doubles: a NaN stays in its row or column", "[moments][nan]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(79);
    std::vector<double> a = draw(rng, 70 * 9);
    const std::vector<double> b = draw(rng, 66 * 9);
    a[68 * 9 + 8] = std::numeric_limits<double>::quiet_NaN();
    Sentinels buffers("product with a NaN on " + backend);
    double* c = buffers.output<double>(70 * 66);
    kernels::multiply_doubles(current_stream(), {70, 66, 9}, buffers.input(a), buffers.input(b),
                              nullptr, c);
    const std::vector<double> got = buffers.read(c);
    bool right = true;
    for (std::size_t i = 0; i < got.size(); ++i)
      right = right && std::isnan(got[i]) == (i / 66 == 68);
    CHECK(right);
  });
}

namespace {

void check_centring(std::int64_t rows, std::int64_t columns, const std::string& backend) {
  const std::string what =
      "centring " + std::to_string(rows) + " x " + std::to_string(columns) + " on " + backend;
  TestRng rng(83);
  const std::vector<float> x = to_float(rng.array({rows, columns}, 999.0, 1000.0));
  Sentinels buffers(what);
  const float* in = buffers.input(x);
  double *mean = buffers.output<double>(columns), *y = buffers.output<double>(rows * columns);
  kernels::column_means(current_stream(), rows, columns, in, mean);
  const std::vector<double> means = buffers.read(mean);
  kernels::centred(current_stream(), rows, columns, 0.25, in, mean, y);
  std::vector<Exact> exact_mean(means.size()), exact_y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    exact_mean[i % means.size()].add(static_cast<long double>(x[i]) /
                                     static_cast<long double>(rows));
  compare(what, means, exact_mean);
  for (std::size_t i = 0; i < x.size(); ++i) {  // of the means as they are
    exact_y[i].add(0.25L * static_cast<long double>(x[i]));
    exact_y[i].add(-0.25L * static_cast<long double>(means[i % means.size()]));
  }
  compare(what, buffers.read(y), exact_y, 1.0);
}

void check_inner(std::int64_t n, const std::string& backend) {
  const std::string what = "inner product of " + std::to_string(n) + " on " + backend;
  TestRng rng(89);
  const auto a = draw(rng, n), b = draw(rng, n);
  Sentinels buffers(what);
  double* y = buffers.output<double>(1);
  kernels::inner_product(current_stream(), n, buffers.input(a), buffers.input(b), y);
  Exact sum;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum.add(static_cast<long double>(a[i]) * static_cast<long double>(b[i]));
  compare(what, buffers.read(y), {sum});
}

}  // namespace

TEST_CASE("means and centred features in double, far from 0", "[moments]") {
  on_each_backend([](const std::string& backend) {
    check_centring(1, 1, backend);
    check_centring(2, 37, backend);
    check_centring(1031, 3, backend);
    check_centring(53, 67, backend);
  });
}

TEST_CASE("inner products: few and many terms", "[moments]") {
  on_each_backend([](const std::string& backend) {
    for (const std::int64_t n : {1, 31, 4097, 20011}) check_inner(n, backend);
    check_inner(0, backend);
  });
}
