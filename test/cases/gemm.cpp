#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops/gemm.h>
#include <ganymede/kernels/gemm.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::GemmShape;

DArray product(const GemmShape& s, const DArray& a, const DArray& b) {
  DArray c({s.m, s.n});
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j)
      for (std::int64_t p = 0; p < s.k; ++p)
        c[i * s.n + j] += a[s.transpose_a ? p * s.m + i : i * s.k + p] *
                          b[s.transpose_b ? j * s.k + p : p * s.n + j];
  return c;
}

Shape shape_a(const GemmShape& s) { return s.transpose_a ? Shape{s.k, s.m} : Shape{s.m, s.k}; }
Shape shape_b(const GemmShape& s) { return s.transpose_b ? Shape{s.n, s.k} : Shape{s.k, s.n}; }

std::string name_of(const GemmShape& s) {
  return std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
         (s.transpose_a ? " ta" : "") + (s.transpose_b ? " tb" : "");
}

template <class F>
void with_flags(const F& f) {
  for (bool ta : {false, true})
    for (bool tb : {false, true}) f(ta, tb);
}

Oracle linear_oracle(double (*f)(double)) {
  return [f](const DArrays& in) {
    const std::int64_t rows = in[0].shape[0], out = in[1].shape[1];
    DArray y = product({rows, out, in[0].shape[1]}, in[0], in[1]);
    for (std::int64_t i = 0; i < y.elements(); ++i)
      y[i] = f(y[i] + (in.size() > 2 ? in[2][i % out] : 0.0));
    return y;
  };
}

}  // namespace

TEST_CASE("gemm: matmul", "[gemm]") {
  with_flags([](bool ta, bool tb) {
    const GemmShape s{3, 5, 7, ta, tb};
    check({"matmul " + name_of(s),
           {{shape_a(s)}, {shape_b(s)}},
           [ta, tb](const Vars& in) { return matmul(in[0], in[1], ta, tb); },
           [s](const DArrays& in) { return product(s, in[0], in[1]); },
           Bound::absolute,
           tolerance::gemm});
  });
}

TEST_CASE("gemm: linear with its epilogue", "[gemm]") {
  const std::vector<Input> inputs{{{3, 7}}, {{7, 5}}, {{5}}};
  check({"linear", inputs, [](const Vars& in) { return linear(in[0], in[1], in[2]); },
         linear_oracle([](double x) { return x; }), Bound::absolute, tolerance::gemm});
  check({"linear without bias",
         {{{3, 7}}, {{7, 5}}},
         [](const Vars& in) { return linear(in[0], in[1], {}); },
         linear_oracle([](double x) { return x; }),
         Bound::absolute,
         tolerance::gemm});
  check({"linear, leaky_relu", inputs,
         [](const Vars& in) { return linear(in[0], in[1], in[2], Activation::leaky_relu, 0.25f); },
         linear_oracle([](double x) { return x > 0 ? x : 0.25 * x; }), Bound::absolute,
         tolerance::gemm});
  check({"linear, tanh", inputs,
         [](const Vars& in) { return linear(in[0], in[1], in[2], Activation::tanh); },
         linear_oracle(std::tanh), Bound::largest, tolerance::gemm});
  check({"linear, sigmoid", inputs,
         [](const Vars& in) { return linear(in[0], in[1], in[2], Activation::sigmoid); },
         linear_oracle([](double x) { return 1.0 / (1.0 + std::exp(-x)); }), Bound::largest,
         tolerance::gemm});
}

namespace {

void check_gemm(const GemmShape& s, const std::string& backend) {
  const std::string what = "gemm " + name_of(s) + " on " + backend;
  TestRng rng(7);
  const DArray a = rng.array(shape_a(s)), b = rng.array(shape_b(s));
  Sentinels buffers(what);
  float* c = buffers.output(s.m * s.n);
  kernels::gemm(current_stream(), s, buffers.input(to_float(a)), buffers.input(to_float(b)), c, {});
  compare(what, buffers.read(c), expect(product(s, a, b), product(s, absolute(a), absolute(b))),
          tolerance::gemm);
}

/// Bias, activation and the statistics of what comes before the activation.
void check_epilogue(const GemmShape& s, const std::string& backend) {
  const std::string what = "gemm with epilogue " + name_of(s) + " on " + backend;
  TestRng rng(11);
  const DArray a = rng.array(shape_a(s)), b = rng.array(shape_b(s)), bias = rng.array({s.n});
  DArray want = product(s, a, b), bound = product(s, absolute(a), absolute(b));
  DArray mean({s.n}), variance({s.n});
  for (std::int64_t i = 0; i < want.elements(); ++i) {
    want[i] += bias[i % s.n], bound[i] += 1.0;
    mean[i % s.n] += want[i] / static_cast<double>(s.m);
  }
  for (std::int64_t i = 0; i < want.elements(); ++i) {
    variance[i % s.n] += std::pow(want[i] - mean[i % s.n], 2.0) / static_cast<double>(s.m);
    want[i] = want[i] > 0 ? want[i] : 0.25 * want[i];
  }
  Sentinels buffers(what);
  float *c = buffers.output(s.m * s.n), *m = buffers.output(s.n), *v = buffers.output(s.n);
  const kernels::Epilogue epilogue{buffers.input(to_float(bias)), kernels::Activation::leaky_relu,
                                   0.25f, m, v};
  kernels::gemm(current_stream(), s, buffers.input(to_float(a)), buffers.input(to_float(b)), c,
                epilogue);
  compare(what, buffers.read(c), expect(want, bound), tolerance::gemm);
  const double size = static_cast<double>(s.k);
  compare(what + ", mean", buffers.read(m), expect(mean, DArray(mean.shape, size)),
          tolerance::gemm);
  compare(what + ", variance", buffers.read(v), expect(variance, DArray(mean.shape, size * size)),
          tolerance::gemm);
}

void check_all(const std::string& backend) {
  with_flags([&](bool ta, bool tb) {
    for (const GemmShape& s : {GemmShape{1, 1, 1},
                               {1, 31, 7},
                               {31, 1, 129},
                               {5, 3, 1},
                               {7, 129, 31},
                               {67, 65, 33},
                               {68, 132, 36}})
      check_gemm({s.m, s.n, s.k, ta, tb}, backend);
  });
  for (const GemmShape& s : {GemmShape{3, 5, 1031},
                             {4, 8, 1032},
                             {120, 124, 12},
                             {127, 121, 7},
                             {256, 32, 8},
                             {253, 31, 5},
                             {253, 31, 5, true, true}})
    check_gemm(s, backend);
  check_epilogue({1, 1, 1}, backend);
  check_epilogue({31, 7, 5}, backend);
  check_epilogue({129, 67, 3}, backend);
}

}  // namespace

TEST_CASE("gemm: extents, flags and guards", "[gemm]") { on_each_backend(check_all); }

TEST_CASE("gemm: the vendor's keeps the contract", "[gemm][vendor]") {
  on_each_vendor_backend(check_all);
}
