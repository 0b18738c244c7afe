#include <catch2/catch.hpp>
#include <cmath>
#include <tuple>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

const Shape shape{3, 7};
const Input any{shape}, positive{shape, 0.5, 2.0}, kinked{shape, -1.0, 1.0, 0.05};

double sigmoid64(double x) { return 1.0 / (1.0 + std::exp(-x)); }

template <class F>
Case binary(const char* name, F op, double (*f)(double, double), Bound bound, Input second = any) {
  return {name,
          {any, second},
          [op](const Vars& in) { return op(in[0], in[1]); },
          elementwise(f),
          bound};
}

template <class F>
Case unary(const char* name, const Input& input, F op, double (*f)(double),
           Bound bound = Bound::largest) {
  return {name, {input}, [op](const Vars& in) { return op(in[0]); }, elementwise(f), bound};
}

}  // namespace

TEST_CASE("pointwise: arithmetic", "[pointwise]") {
  check(binary(
      "add", add, [](double x, double z) { return x + z; }, Bound::absolute));
  check(binary(
      "sub", sub, [](double x, double z) { return x - z; }, Bound::largest));
  check(binary(
      "mul", mul, [](double x, double z) { return x * z; }, Bound::absolute));
  check(binary(
      "div", [](const Var& x, const Var& z) { return div(x, z); },
      [](double x, double z) { return x / z; }, Bound::largest, positive));
  check(binary(
      "combine", [](const Var& x, const Var& z) { return combine(x, 0.75f, z, -2.0f); },
      [](double x, double z) { return 0.75 * x - 2.0 * z; }, Bound::largest));
  check(unary(
      "affine", any, [](const Var& x) { return affine(x, -1.5f, 0.25f); },
      [](double x) { return -1.5 * x + 0.25; }));
  check(unary(
      "scale", any, [](const Var& x) { return scale(x, 3.0f); }, [](double x) { return 3.0 * x; },
      Bound::absolute));
  check(unary(
      "identity", any, identity, [](double x) { return x; }, Bound::absolute));
}

TEST_CASE("pointwise: sums of several", "[pointwise]") {
  // Beyond what one kernel takes, too.
  for (std::size_t terms : {1, 2, 3, 5, 8, 9, 17})
    for (const auto& [name, activation, slope] : {std::tuple{"sum", Activation::none, 1.0},
                                                  {"leaky_relu", Activation::leaky_relu, 0.25},
                                                  {"tanh", Activation::tanh, 0.0}})
      check({"add_all of " + std::to_string(terms) + ", " + name, std::vector<Input>(terms, any),
             [a = activation, s = slope](const Vars& in) { return add_all(in, a, float(s)); },
             [a = activation, s = slope](const DArrays& in) {
               DArray y = in[0];
               for (std::size_t k = 1; k < in.size(); ++k)
                 for (std::int64_t i = 0; i < y.elements(); ++i) y[i] += in[k][i];
               for (double& v : y.v) v = a == Activation::tanh ? std::tanh(v) : v > 0 ? v : s * v;
               return y;
             },
             Bound::largest, 4 * tolerance::pointwise,
             activation == Activation::leaky_relu ? 1 : 2});
  CHECK_THROWS_AS(add_all({}), ShapeError);
  CHECK_THROWS_AS(add_all({Var(Tensor::zeros({2})), Var(Tensor::zeros({3}))}), ShapeError);
}

TEST_CASE("pointwise: sums of several, extents and guards", "[pointwise]") {
  on_each_backend([](const std::string& backend) {
    for (std::size_t terms : {1, 2, 7, 8})
      for (std::int64_t n : {0, 1, 3, 31, 129, 1031}) {
        INFO(backend << ", " << terms << " terms of " << n);
        Sentinels buffers("add_all");
        // Every other term at an address that no float4 has.
        std::vector<const float*> from;
        for (std::size_t k = 0; k < terms; ++k)
          from.push_back(buffers.input(std::vector<float>(std::size_t(n) + 1, float(k) - 2.0f)) +
                         (k % 2));
        float* y = buffers.output(n);
        kernels::add_all(current_stream(), n, from, 0.5f, nullptr, y);
        const float sum = float(terms) * (float(terms) - 1) / 2 - 2 * float(terms);
        for (float v : buffers.read(y)) CHECK(v == (sum > 0 ? sum : 0.5f * sum));
        std::vector<float> gate;
        for (std::int64_t i = 0; i < n; ++i) gate.push_back(float(i % 3 - 1));
        float* gated = buffers.output(n);
        kernels::add_all(current_stream(), n, from, 0.5f, buffers.input(gate), gated);
        const auto found = buffers.read(gated);
        for (std::int64_t i = 0; i < n; ++i)
          CHECK(found[std::size_t(i)] == (i % 3 == 2 ? sum : 0.5f * sum));
      }
  });
}

// Where an activated value is used several times, the sum of its cotangents and the activation's
// gradient are one pass, with the same derivatives as two.
TEST_CASE("pointwise: an activation with several uses", "[pointwise]") {
  for (int uses : {1, 2, 3, 8, 9})
    check({"leaky_relu of a sum, used " + std::to_string(uses) + " times",
           {kinked},
           [uses](const Vars& in) {
             const Var y = add_all({in[0], in[0]}, Activation::leaky_relu, 0.25f);
             Vars terms;
             for (int k = 0; k < uses; ++k)
               terms.push_back(mul(y, square(affine(y, 1.0f, float(k)))));
             return add_all(terms);
           },
           [uses](const DArrays& in) {
             DArray z = in[0];
             for (double& v : z.v) {
               const double y = v > 0 ? 2 * v : 0.5 * v;
               v = 0;
               for (int k = 0; k < uses; ++k) v += y * (y + k) * (y + k);
             }
             return z;
           },
           Bound::largest,
           16 * tolerance::pointwise});
}

TEST_CASE("pointwise: functions", "[pointwise]") {
  check(unary(
      "exp", any, [](const Var& x) { return exp(x); }, std::exp));
  check(unary(
      "log", positive, [](const Var& x) { return log(x); }, std::log));
  check(unary(
      "sqrt", positive, [](const Var& x) { return sqrt(x); }, std::sqrt));
  check(unary(
      "abs", kinked, [](const Var& x) { return abs(x); }, std::fabs));
  check(unary("square", any, square, [](double x) { return x * x; }));
  check(unary(
      "power -1/2", positive, [](const Var& x) { return power(x, -0.5f); },
      [](double x) { return std::pow(x, -0.5); }));
  check(unary(
      "power 3", any, [](const Var& x) { return power(x, 3.0f); },
      [](double x) { return x * x * x; }));
  check(unary(
      "power 0", any, [](const Var& x) { return power(x, 0.0f); }, [](double) { return 1.0; }));
  check(unary(
      "clamp", Input{{5, 31}, -1.0, 1.0, 0.0, true},
      [](const Var& x) { return clamp(x, -0.3f, 0.5078f); },
      [](double x) { return std::fmin(std::fmax(x, -0.3f), 0.5078f); }));
}

TEST_CASE("pointwise: activations", "[pointwise]") {
  check(unary(
      "tanh", any, [](const Var& x) { return tanh(x); }, std::tanh));
  check(unary("sigmoid", any, sigmoid, sigmoid64));
  check(unary("softplus", any, softplus, [](double x) { return std::log1p(std::exp(x)); }));
  check(unary(
      "relu", kinked, relu, [](double x) { return x > 0 ? x : 0; }, Bound::absolute));
  check(unary(
      "leaky_relu", kinked, [](const Var& x) { return leaky_relu(x, 0.25f); },
      [](double x) { return x > 0 ? x : 0.25 * x; }, Bound::absolute));
  check(binary(
      "tanh_grad", tanh_grad, [](double y, double g) { return g * (1 - y * y); }, Bound::largest));
  check(binary(
      "sigmoid_grad", sigmoid_grad, [](double y, double g) { return g * y * (1 - y); },
      Bound::largest));
  check(binary(
      "leaky_relu_grad", [](const Var& g, const Var& x) { return leaky_relu_grad(x, g, 0.25f); },
      [](double g, double x) { return x > 0 ? g : 0.25 * g; }, Bound::absolute, kinked));
}

TEST_CASE("pointwise: far from zero", "[pointwise]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Var x = Tensor::from<float>(std::vector<float>{-1000.0f, -80.0f, 80.0f, 1000.0f}, {4});
    const auto logistic = sigmoid(x).value().host();
    CHECK(logistic[0] == 0.0f);
    CHECK(logistic[1] == Approx(std::exp(-80.0)));
    CHECK(logistic[2] == 1.0f);
    CHECK(logistic[3] == 1.0f);
    const auto soft = softplus(x).value().host();
    CHECK(soft[0] == 0.0f);
    CHECK(soft[1] == Approx(std::exp(-80.0)));
    CHECK(soft[2] == 80.0f);
    CHECK(soft[3] == 1000.0f);
    CHECK(tanh(x).value().host() == std::vector<float>{-1.0f, -1.0f, 1.0f, 1.0f});
    CHECK(abs(Tensor::zeros({1})).value().host()[0] == 0.0f);
  });
}

namespace {

struct Operands {
  std::int64_t n;
  const float *x, *z;
  float* y;
};
struct PointwiseKernel {
  const char* name;
  void (*run)(Stream&, const Operands&);
  double (*oracle)(double x, double z);
};

// x and z lie in [0.25, 2].
const PointwiseKernel pointwise_kernels[] = {
    {"fill", [](Stream& s, const Operands& o) { kernels::fill(s, o.n, 2.5f, o.y); },
     [](double, double) { return 2.5; }},
    {"affine", [](Stream& s, const Operands& o) { kernels::affine(s, o.n, o.x, 2, 1, o.y); },
     [](double x, double) { return 2 * x + 1; }},
    {"exp", [](Stream& s, const Operands& o) { kernels::exp(s, o.n, o.x, o.y); },
     [](double x, double) { return std::exp(x); }},
    {"sign", [](Stream& s, const Operands& o) { kernels::sign(s, o.n, o.x, o.y); },
     [](double, double) { return 1.0; }},
    {"power", [](Stream& s, const Operands& o) { kernels::power(s, o.n, o.x, 1.5f, o.y); },
     [](double x, double) { return std::pow(x, 1.5); }},
    {"clamp", [](Stream& s, const Operands& o) { kernels::clamp(s, o.n, o.x, 0.5f, 1, o.y); },
     [](double x, double) { return std::fmin(std::fmax(x, 0.5), 1.0); }},
    {"inside", [](Stream& s, const Operands& o) { kernels::inside(s, o.n, o.x, 0.5f, 1, o.y); },
     [](double x, double) { return x >= 0.5 && x <= 1.0 ? 1.0 : 0.0; }},
    {"add", [](Stream& s, const Operands& o) { kernels::add(s, o.n, o.x, o.z, o.y); },
     [](double x, double z) { return x + z; }},
    {"div", [](Stream& s, const Operands& o) { kernels::div(s, o.n, o.x, o.z, o.y); },
     [](double x, double z) { return x / z; }},
    {"combine", [](Stream& s, const Operands& o) { kernels::combine(s, o.n, o.x, o.z, 2, 3, o.y); },
     [](double x, double z) { return 2 * x + 3 * z; }},
    {"leaky_relu_grad",
     [](Stream& s, const Operands& o) { kernels::leaky_relu_grad(s, o.n, o.x, o.z, 0.5f, o.y); },
     [](double, double z) { return z; }},
};

void check_extent(const PointwiseKernel& kernel, std::int64_t n, bool in_place,
                  const std::string& backend) {
  TestRng rng(static_cast<std::uint64_t>(n) + 1);
  const DArray x = rng.array({n}, 0.25, 2.0), z = rng.array({n}, 0.25, 2.0);
  const std::string what = std::string(kernel.name) + " of " + std::to_string(n) +
                           (in_place ? " in place on " : " on ") + backend;
  DArray want({n});
  for (std::int64_t i = 0; i < n; ++i) want[i] = kernel.oracle(x[i], z[i]);
  Sentinels buffers(what);
  const float* second = buffers.input(to_float(z));
  float* y = in_place ? buffers.state(to_float(x)) : buffers.output(n);
  kernel.run(current_stream(), {n, in_place ? y : buffers.input(to_float(x)), second, y});
  compare(what, buffers.read(y), expect(want, want), tolerance::pointwise);
}

}  // namespace

TEST_CASE("pointwise: extents, guards, in place", "[pointwise]") {
  on_each_backend([](const std::string& backend) {
    for (const PointwiseKernel& kernel : pointwise_kernels) {
      for (std::int64_t n : {0, 1, 3, 31, 129}) check_extent(kernel, n, false, backend);
      check_extent(kernel, 1031, true, backend);
    }
  });
}
