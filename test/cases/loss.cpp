#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops/loss.h>
#include <ganymede/kernels/loss.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// From probabilities, as the definition has it: logits are small here.
Oracle cross_entropy_oracle(const DArray& targets) {
  return [targets](const DArrays& in) {
    DArray y(Shape{});
    for (std::int64_t i = 0; i < targets.elements(); ++i) {
      const double s = sigmoid(in[0][i]), t = targets[i];
      y[0] -= (t * std::log(s) + (1.0 - t) * std::log(1.0 - s)) / double(targets.elements());
    }
    return y;
  };
}

}  // namespace

TEST_CASE("loss: binary cross-entropy and its derivatives", "[loss]") {
  for (const std::int64_t n : {1, 7, 16, 1031}) {
    TestRng rng(97);
    const DArray targets = rng.array({n, 1}, 0.0, 1.0);
    check({"binary cross-entropy of " + std::to_string(n),
           {{{n, 1}, -3.0, 3.0}},
           [targets](const Vars& in) {
             const Tensor t = Tensor::from(to_float(targets), targets.shape);
             return binary_cross_entropy(in[0], t).loss;
           },
           cross_entropy_oracle(targets),
           Bound::largest});
  }
}

TEST_CASE("loss: gradient without a seed, score, and logits that overflow", "[loss]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const std::vector<float> logits{-200.0f, -1.0f, 0.0f, 0.5f, 200.0f};
    const std::vector<float> targets{1.0f, 0.25f, 0.0f, 1.0f, 0.0f};
    const Var x = Var::leaf(Tensor::from(logits, {5, 1}));
    const auto [loss, score] = binary_cross_entropy(x, Tensor::from(targets, {5, 1}));
    const std::vector<float> by_pass = grad(loss, {x})[0].value().host();
    const std::vector<float> by_ops = grad(loss, {x}, {.create_graph = true})[0].value().host();
    double mean = 0.0, probability = 0.0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double l = logits[i], s = sigmoid(l);
      mean += (std::max(l, 0.0) + std::log1p(std::exp(-std::abs(l))) - l * targets[i]) / 5.0;
      probability += s / 5.0;
      CHECK(by_pass[i] == Approx((s - targets[i]) / 5.0).margin(1e-7));
      CHECK(by_ops[i] == Approx(by_pass[i]).margin(1e-7));
    }
    CHECK(loss.value().host()[0] == Approx(mean).epsilon(1e-6));
    CHECK(score.host()[0] == Approx(probability).epsilon(1e-6));
  });
}
