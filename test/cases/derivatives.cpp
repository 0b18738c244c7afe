// grad itself: what it computes, what it leaves out, what it refuses.
#include <catch2/catch.hpp>

#include <ganymede/engine/ops.h>
#include <ganymede/kernels/error.h>

#include "test/oracle.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

Tensor numbers(const std::vector<float>& v) {
  return Tensor::from(v, {static_cast<std::int64_t>(v.size())});
}
std::vector<float> host(const Var& v) { return v.value().host(); }

}  // namespace

TEST_CASE("grad: an ancestor among the targets", "[grad]") {
  const Var a = Var::leaf(numbers({1, 2, -3}));
  const Var b = mul(a, a);
  const Vars g = grad(sum(mul(b, a)), {a, b});
  CHECK(host(g[0]) == std::vector<float>{3, 12, 27});
  CHECK(host(g[1]) == std::vector<float>{1, 2, -3});
}

TEST_CASE("grad: zeros where nothing depends", "[grad]") {
  const Var a = Var::leaf(numbers({1, 2})), b = Var::leaf(numbers({3, 4, 5}));
  const Vars g = grad(sum(mul(a, detach(a))), {a, b});
  CHECK(host(g[0]) == std::vector<float>{1, 2});
  CHECK(host(g[1]) == std::vector<float>{0, 0, 0});
}

TEST_CASE("grad: the seed is the cotangent", "[grad]") {
  const Var a = Var::leaf(numbers({1, 2}));
  CHECK(host(grad(square(a), {a}, {numbers({10, 100}), false})[0]) == std::vector<float>{20, 400});
  CHECK_THROWS_AS(grad(square(a), {a}, {numbers({10}), false}), ShapeError);
}

TEST_CASE("grad: any order", "[grad]") {
  const Var x = Var::leaf(numbers({0.5f}));
  Var y = power(x, 5.0f);
  const float want[] = {5 * 0.0625f, 20 * 0.125f, 60 * 0.25f, 120 * 0.5f, 120.0f};
  for (float w : want) {
    y = grad(y, {x}, {{}, true})[0];
    CHECK(y.value().item() == Approx(w));
  }
}

TEST_CASE("grad: only what leads to a target is computed", "[grad]") {
  const Var x = Var::leaf(numbers({1, 2})), w = Var::leaf(numbers({3, 4}));
  std::vector<bool> asked;
  const Var y = record("probe", mul(x, w).value(), {x, w}, [&asked](const Sweep& s) {
    asked = s.wanted;
    return Vars{mul(s.g, s.in[1]), Var()};
  });
  grad(sum(y), {x});
  CHECK(asked == std::vector<bool>{true, false});
}

TEST_CASE("grad: a vjp gives one gradient for each input", "[grad]") {
  const Var x = Var::leaf(numbers({1, 2})), w = Var::leaf(numbers({3, 4}));
  for (const std::size_t given : {0, 1, 3}) {
    const Var y = record("probe", mul(x, w).value(), {x, w},
                         [given](const Sweep& s) { return Vars(given, s.g); });
    CHECK_THROWS_AS(grad(y, {x}), UsageError);
    CHECK_THROWS_WITH(grad(y, {x}), Contains("probe") && Contains("for 2 inputs"));
  }
}

TEST_CASE("grad: an empty value", "[grad]") {
  const Var x = Var::leaf(numbers({1}));
  CHECK_THROWS_AS(grad({}, {x}), UsageError);
  CHECK_THROWS_AS(grad(square(x), {Var()}), UsageError);
}

TEST_CASE("grad: updated between forward and grad", "[grad]") {
  Var w = Var::leaf(numbers({1, 2}));
  const Var y = sum(mul(w, w));
  w.mutable_value().assign(std::vector<float>{5, 6});
  CHECK_THROWS_AS(grad(y, {w}), UsageError);
  CHECK_THROWS_WITH(grad(y, {w}), Contains("mul") && Contains("updated between"));
  CHECK(host(grad(sum(mul(w, w)), {w})[0]) == std::vector<float>{10, 12});
}

TEST_CASE("grad: statistics updated between forward and grad", "[grad]") {
  Tensor mean = Tensor::zeros({2}), variance = Tensor::full({2}, 1.0f);
  const Var x = Var::leaf(Tensor::full({3, 2}, 1.0f));
  const Var y = sum(batch_norm_inference(x, {}, {}, mean, variance, 1e-3f));
  variance.assign(std::vector<float>{2, 2});
  CHECK_THROWS_AS(grad(y, {x}), UsageError);
}

TEST_CASE("grad: targets must be tracked", "[grad]") {
  const Var constant = numbers({1});
  CHECK_THROWS_AS(grad(sum(constant), {constant}), UsageError);
  const Var x = Var::leaf(numbers({1}));
  const Recording off(false);
  CHECK_FALSE(square(x).tracked());
}

TEST_CASE("grad: long chains are walked and destroyed without recursion", "[grad]") {
  const Var x = Var::leaf(numbers({1}));
  Var y = x;
  for (int i = 0; i < 100000; ++i) y = affine(y, 1.0f, 1.0f);
  CHECK(grad(y, {x})[0].value().item() == 1.0f);
  CHECK(y.value().item() == 100001.0f);
}

TEST_CASE("grad: weights' and bias' gradients in one call equal those taken apart", "[grad]") {
  TestRng rng(71);
  const Var x = Tensor::from(to_float(rng.array({2, 5, 5, 3})), {2, 5, 5, 3});
  const Var w = Var::leaf(Tensor::from(to_float(rng.array({4, 3, 3, 3})), {4, 3, 3, 3}));
  const Var b = Var::leaf(Tensor::from(to_float(rng.array({4})), {4}));
  const Var y = sum(square(conv2d(x, w, conv_geometry(1, 1), {b, Activation::leaky_relu, 0.2f})));
  const Vars fused = grad(y, {w, b}), recorded = grad(y, {w, b}, {{}, true});
  const auto fw = host(fused[0]), rw = host(recorded[0]), fb = host(fused[1]),
             rb = host(recorded[1]);
  for (std::size_t i = 0; i < fw.size(); ++i) CHECK(fw[i] == Approx(rw[i]).epsilon(1e-4));
  for (std::size_t i = 0; i < fb.size(); ++i) CHECK(fb[i] == Approx(rb[i]).epsilon(1e-4));
}
