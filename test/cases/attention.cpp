#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <ganymede/engine/ops/attention.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/attention.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

#if defined(GANYMEDE_EMULATED)
#include <ganymede/kernels/simt/control.h>
#endif

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::AttentionShape;

std::string name_of(const AttentionShape& s) {
  return std::to_string(s.batch) + " samples, " + std::to_string(s.queries) + " queries, " +
         std::to_string(s.keys) + " keys, D " + std::to_string(s.depth) + ", C " +
         std::to_string(s.channels) + ", scale " + std::to_string(s.scale);
}

Shape shape_q(const AttentionShape& s) { return {s.batch, s.queries, s.depth}; }
Shape shape_k(const AttentionShape& s) { return {s.batch, s.keys, s.depth}; }
Shape shape_v(const AttentionShape& s) { return {s.batch, s.keys, s.channels}; }
Shape shape_o(const AttentionShape& s) { return {s.batch, s.queries, s.channels}; }

double dot(const DArray& a, std::int64_t at_a, const DArray& b, std::int64_t at_b, int width) {
  double sum = 0.0;
  for (int d = 0; d < width; ++d) sum += a[at_a * width + d] * b[at_b * width + d];
  return sum;
}

/// exp(score) of one query and all keys.
std::vector<double> exponentials(const AttentionShape& s, const DArrays& in, int n, int i) {
  std::vector<double> e;
  for (int j = 0; j < s.keys; ++j)
    e.push_back(std::exp(double{s.scale} * dot(in[0], std::int64_t{n} * s.queries + i, in[1],
                                               std::int64_t{n} * s.keys + j, s.depth)));
  return e;
}

double total(const std::vector<double>& e) {
  double sum = 0.0;
  for (const double v : e) sum += v;
  return sum;
}

/// Softmax without any trick: inputs are small.
Oracle attention_oracle(const AttentionShape& s) {
  return [s](const DArrays& in) {
    DArray o(shape_o(s));
    for (int n = 0; n < s.batch; ++n)
      for (int i = 0; i < s.queries; ++i) {
        const std::vector<double> e = exponentials(s, in, n, i);
        const double sum = total(e);
        for (int j = 0; j < s.keys; ++j)
          for (int c = 0; c < s.channels; ++c)
            o[(std::int64_t{n} * s.queries + i) * s.channels + c] +=
                e[static_cast<std::size_t>(j)] / sum *
                in[2][(std::int64_t{n} * s.keys + j) * s.channels + c];
      }
    return o;
  };
}

void check_attention(const AttentionShape& s) {
  check({"attention, " + name_of(s),
         {{shape_q(s)}, {shape_k(s)}, {shape_v(s)}},
         [f = s.scale](const Vars& in) { return attention(in[0], in[1], in[2], f); },
         attention_oracle(s),
         Bound::largest,
         tolerance::attention});
}

}  // namespace

TEST_CASE("attention: values and derivatives", "[attention]") {
  check_attention({2, 5, 7, 3, 2});
  check_attention({1, 3, 5, 2, 7, 0.5f});
  check_attention({1, 2, 3, 4, 5, -0.75f});
}

TEST_CASE("attention: degenerate extents", "[attention]") {
  check_attention({3, 1, 1, 1, 1});
  check_attention({2, 1, 7, 3, 5});
  check_attention({2, 5, 1, 3, 2});
  check_attention({1, 5, 3, 1, 1});
}

TEST_CASE("attention: several tiles of queries and keys", "[attention]") {
  check_attention({1, 67, 71, 3, 2});
}

namespace {

/// Gradients by formula, from the oracle's probabilities.
DArrays gradients(const AttentionShape& s, const DArrays& in, const DArray& go) {
  DArrays g{DArray(shape_q(s)), DArray(shape_k(s)), DArray(shape_v(s))};
  const DArray o = attention_oracle(s)(in);
  for (int n = 0; n < s.batch; ++n)
    for (int i = 0; i < s.queries; ++i) {
      const std::vector<double> e = exponentials(s, in, n, i);
      const double sum = total(e);
      const std::int64_t at_q = std::int64_t{n} * s.queries + i;
      for (int j = 0; j < s.keys; ++j) {
        const std::int64_t at_k = std::int64_t{n} * s.keys + j;
        const double p = e[static_cast<std::size_t>(j)] / sum;
        const double d =
            double{s.scale} * p *
            (dot(go, at_q, in[2], at_k, s.channels) - dot(go, at_q, o, at_q, s.channels));
        for (int c = 0; c < s.channels; ++c)
          g[2][at_k * s.channels + c] += p * go[at_q * s.channels + c];
        for (int x = 0; x < s.depth; ++x) {
          g[0][at_q * s.depth + x] += d * in[1][at_k * s.depth + x];
          g[1][at_k * s.depth + x] += d * in[0][at_q * s.depth + x];
        }
      }
    }
  return g;
}

void compare_near(const std::string& what, const std::vector<float>& got, const DArray& want,
                  double terms) {
  compare(what, got, expect(want, DArray(want.shape, terms)), tolerance::attention);
}

void check_kernels(const AttentionShape& s, const std::string& backend) {
  const std::string what = "attention, " + name_of(s) + " on " + backend;
  TestRng rng(41);
  const DArrays in{rng.array(shape_q(s)), rng.array(shape_k(s)), rng.array(shape_v(s))};
  const DArray go = rng.array(shape_o(s));
  Sentinels buffers(what);
  const float *q = buffers.input(to_float(in[0])), *k = buffers.input(to_float(in[1])),
              *v = buffers.input(to_float(in[2])), *g = buffers.input(to_float(go));
  float *o = buffers.output(go.elements()), *log_sum = buffers.output(s.batch * s.queries);
  Stream& stream = current_stream();
  kernels::attention(stream, s, q, k, v, o, log_sum);
  compare_near(what, buffers.read(o), attention_oracle(s)(in), 1.0);
  DArray want_sum({s.batch, s.queries});
  for (std::int64_t i = 0; i < want_sum.elements(); ++i)
    want_sum[i] = std::log(total(
        exponentials(s, in, static_cast<int>(i / s.queries), static_cast<int>(i % s.queries))));
  compare_near(what + ", log_sum", buffers.read(log_sum), want_sum, 4.0);

  const DArrays want = gradients(s, in, go);
  float* to[3] = {};
  for (std::size_t i = 0; i < 3; ++i) to[i] = buffers.output(want[i].elements());
  kernels::attention_grad(stream, s, q, k, v, o, log_sum, g, to[0], to[1], to[2]);
  const double terms = 0.05 * std::max(s.queries, s.channels) + 1.0;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string gradient = what + ", gradient " + std::to_string(i);
    compare_near(gradient, buffers.read(to[i]), want[i], terms);
    float* alone[3] = {};
    alone[i] = buffers.output(want[i].elements());
    kernels::attention_grad(stream, s, q, k, v, o, log_sum, g, alone[0], alone[1], alone[2]);
    CHECK(buffers.read(alone[i]) == buffers.read(to[i]));
  }
}

Tensor tensor_of(const DArray& x) { return Tensor::from(to_float(x), x.shape); }

}  // namespace

TEST_CASE("attention: extents, optional outputs and guards", "[attention]") {
  on_each_backend([](const std::string& backend) {
    check_kernels({1, 1, 1, 1, 1}, backend);
    check_kernels({1, 1, 131, 1, 3}, backend);
    check_kernels({1, 131, 1, 17, 1}, backend);
    check_kernels({2, 64, 64, 16, 64}, backend);
    check_kernels({1, 65, 127, 19, 67}, backend);
    check_kernels({3, 29, 31, 33, 7}, backend);
    check_kernels({2, 70, 33, 70, 66}, backend);
  });
}

TEST_CASE("attention: scores far apart neither overflow nor lose their order", "[attention]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    // Keys 1, 2, ... 70 times a query of 100 and of -100: the last key wins, then the first.
    std::vector<float> keys, values;
    for (int j = 1; j <= 70; ++j) keys.push_back(float(j)), values.push_back(float(2 * j));
    const Var q = Tensor::from(std::vector<float>{100.0f, -100.0f}, {1, 2, 1});
    const Var o = attention(q, Tensor::from(keys, {1, 70, 1}), Tensor::from(values, {1, 70, 1}));
    CHECK(o.value().host() == std::vector<float>{140.0f, 2.0f});
  });
}

TEST_CASE("attention: a NaN shows", "[attention][nan]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(43);
    for (const std::size_t where : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
      std::vector<float> in[3];
      for (auto& x : in) x = to_float(rng.array({1, 67, 2}));
      in[where][66] = std::numeric_limits<float>::quiet_NaN();
      const Shape shape{1, 67, 2};
      const Var o = attention(Tensor::from(in[0], shape), Tensor::from(in[1], shape),
                              Tensor::from(in[2], shape));
      const auto values = o.value().host();
      CHECK(std::any_of(values.begin(), values.end(), [](float x) { return std::isnan(x); }));
    }
  });
}

namespace {

/// The emulator allocates as ever, but runs no kernel: 4096 positions would take it minutes.
struct DryRun {
#if defined(GANYMEDE_EMULATED)
  DryRun() { simt::set_dry_run(true); }
  ~DryRun() { simt::set_dry_run(false); }
#else
  DryRun() {}
#endif
};

/// Bytes that attention and its three gradients held at most, in a pool of their own.
std::size_t peak_bytes(std::int64_t positions) {
  const auto pool = std::make_shared<Pool>(current_stream().device());
  const PoolScope own(pool);
  const auto zeros = [&](std::int64_t width) {
    return Var::leaf(Tensor::zeros({1, positions, width}));
  };
  const Var q = zeros(4), k = zeros(4), v = zeros(8);
  const Var o = attention(q, k, v);
  const Vars g = grad(o, {q, k, v}, {v, false});
  current_stream().synchronize();
  return pool->stats().peak_bytes_in_use;
}

}  // namespace

TEST_CASE("attention: memory is linear in the positions", "[attention]") {
  // At 4096 positions a matrix of scores would take 64 MiB. Operands, results and gradients are
  // 0.9 MiB; the rest is a few tiles. Twice the positions take at most twice the memory.
  const DryRun dry;
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const std::size_t half = peak_bytes(2048), whole = peak_bytes(4096);
    CHECK(whole <= 2 * half);
    CHECK(whole < 2u << 20);
  });
}

TEST_CASE("attention: samples do not touch each other", "[attention]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(53);
    const Shape shape{3, 5, 2};
    const DArray q = rng.array(shape), k = rng.array(shape), v = rng.array(shape);
    const auto middle = [&](DArray other) {
      std::copy_n(q.v.begin() + 10, 10, other.v.begin() + 10);
      const auto o = attention(tensor_of(other), tensor_of(k), tensor_of(v)).value().host();
      return std::vector<float>(o.begin() + 10, o.begin() + 20);
    };
    CHECK(middle(q) == middle(rng.array(shape)));
  });
}

TEST_CASE("attention: what does not fit is refused", "[attention][errors]") {
  const auto zeros = [](const Shape& shape) { return Var(Tensor::zeros(shape)); };
  CHECK_THROWS_AS(attention(zeros({2, 3}), zeros({2, 3, 4}), zeros({2, 3, 4})), ShapeError);
  CHECK_THROWS_AS(attention(zeros({2, 3, 4}), zeros({1, 3, 4}), zeros({1, 3, 4})), ShapeError);
  CHECK_THROWS_AS(attention(zeros({2, 3, 4}), zeros({2, 3, 5}), zeros({2, 3, 4})), ShapeError);
  CHECK_THROWS_AS(attention(zeros({2, 3, 4}), zeros({2, 0, 4}), zeros({2, 0, 4})), ShapeError);
  CHECK_THROWS_WITH(attention(zeros({2, 3, 4}), zeros({2, 5, 4}), zeros({2, 3, 4})),
                    Catch::Contains("the positions of k and v differ"));
}
