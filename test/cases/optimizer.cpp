#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/optimizer.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::ParameterSlot;

/// One parameter tensor: the numbers in double, and their guarded device twins.
struct Slot {
  DArray value, grad, first, second;
  ParameterSlot on_device{};
};

/// Odd extents, as many as a network has: more than one launch takes (80 on the device), one longer
/// than a block's piece in each launch.
std::vector<std::int64_t> extents() {
  std::vector<std::int64_t> all{1, 3, 31, 129, 7, 5003, 5, 2, 1};
  for (std::int64_t n = 1; all.size() < 85; n = n * 5 % 31) all.push_back(n);
  all.push_back(2049);
  return all;
}

std::vector<Slot> slots(Sentinels& buffers) {
  std::vector<Slot> all;
  TestRng rng(67);
  for (std::int64_t n : extents()) {
    Slot s{rng.array({n}), rng.array({n}), rng.array({n}), rng.array({n}, 0.0, 1.0), {}};
    s.on_device = {buffers.state(to_float(s.value)), buffers.input(to_float(s.grad)),
                   buffers.state(to_float(s.first)), buffers.state(to_float(s.second)), n};
    all.push_back(s);
  }
  return all;
}

std::vector<ParameterSlot> device_slots(const std::vector<Slot>& all) {
  std::vector<ParameterSlot> result;
  for (const Slot& s : all) result.push_back(s.on_device);
  return result;
}

struct Element {
  double &w, g, &first, &second;
};

/// Runs `kernel` on the device and `rule` element by element in double, then compares.
template <class Kernel, class Rule>
void check_step(const std::string& name, const Kernel& kernel, const Rule& rule) {
  on_each_backend([&](const std::string& backend) {
    const std::string what = name + " on " + backend;
    Sentinels buffers(what);
    std::vector<Slot> all = slots(buffers);
    kernel(current_stream(), device_slots(all), buffers);
    for (Slot& s : all) {
      for (std::int64_t i = 0; i < s.value.elements(); ++i)
        rule(Element{s.value[i], s.grad[i], s.first[i], s.second[i]});
      const DArray terms(s.value.shape, 4.0);
      const auto one = [&](const char* part, const float* at, const DArray& want) {
        compare(what + ", " + part, buffers.read(at), expect(want, terms), tolerance::optimizer);
      };
      one("value", s.on_device.value, s.value);
      one("first", s.on_device.first, s.first);
      one("second", s.on_device.second, s.second);
    }
  });
}

}  // namespace

TEST_CASE("optimizer: adam", "[optimizer]") {
  for (std::int64_t step : {1, 1000}) {
    for (float decay : {0.0f, 0.01f}) {
      const kernels::AdamOptions options{0.5f, 0.999f, 1e-3f, decay};
      check_step(
          "adam, step " + std::to_string(step),
          [&](Stream& stream, const std::vector<ParameterSlot>& s, Sentinels& buffers) {
            auto* steps = buffers.state(std::vector<std::int64_t>{step - 1});
            kernels::adam(stream, s, options, buffers.input(std::vector<float>{0.01f}), steps);
            CHECK(buffers.read(steps)[0] == step);
          },
          [&](Element e) {
            const double b1 = options.beta1, b2 = options.beta2, t = static_cast<double>(step);
            const double g = e.g + decay * e.w;
            e.first = b1 * e.first + (1 - b1) * g;
            e.second = b2 * e.second + (1 - b2) * g * g;
            e.w -= 0.01 * (e.first / (1 - std::pow(b1, t))) /
                   (std::sqrt(e.second / (1 - std::pow(b2, t))) + options.epsilon);
          });
    }
  }
}

TEST_CASE("optimizer: rmsprop", "[optimizer]") {
  const kernels::RmsPropOptions options{0.9f, 1e-3f, 0.01f};
  check_step(
      "rmsprop",
      [&](Stream& stream, const std::vector<ParameterSlot>& s, Sentinels& buffers) {
        kernels::rmsprop(stream, s, options, buffers.input(std::vector<float>{0.01f}));
      },
      [&](Element e) {
        const double g = e.g + options.weight_decay * e.w;
        e.second = options.rho * e.second + (1.0 - options.rho) * g * g;
        e.w -= 0.01 * g / (std::sqrt(e.second) + options.epsilon);
      });
}

TEST_CASE("optimizer: sgd", "[optimizer]") {
  for (bool nesterov : {false, true}) {
    const kernels::SgdOptions options{0.9f, 0.01f, nesterov};
    check_step(
        nesterov ? "sgd, nesterov" : "sgd, momentum",
        [&](Stream& stream, const std::vector<ParameterSlot>& s, Sentinels& buffers) {
          kernels::sgd(stream, s, options, buffers.input(std::vector<float>{0.1f}));
        },
        [&](Element e) {
          const double g = e.g + options.weight_decay * e.w;
          e.first = options.momentum * e.first + g;
          e.w -= 0.1 * (nesterov ? g + options.momentum * e.first : e.first);
        });
  }
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    Sentinels buffers("plain sgd on " + backend);
    float* w = buffers.state(std::vector<float>{1.0f, 2.0f});
    const ParameterSlot slot{w, buffers.input(std::vector<float>{1.0f, -1.0f}), nullptr, nullptr,
                             2};
    kernels::sgd(current_stream(), std::span(&slot, 1), {},
                 buffers.input(std::vector<float>{0.5f}));
    CHECK(buffers.read(w) == std::vector<float>{0.5f, 2.5f});
  });
}

TEST_CASE("optimizer: moving average and weight clipping", "[optimizer]") {
  check_step(
      "ema",
      [&](Stream& stream, const std::vector<ParameterSlot>& s, Sentinels& buffers) {
        kernels::ema(stream, s, buffers.input(std::vector<float>{0.99f}));
      },
      [](Element e) { e.first += (1.0 - double{0.99f}) * (e.w - e.first); });
  check_step(
      "clip",
      [](Stream& stream, const std::vector<ParameterSlot>& s, Sentinels&) {
        kernels::clip(stream, s, 0.25f);
      },
      [](Element e) { e.w = std::fmin(std::fmax(e.w, -0.25), 0.25); });
}

namespace {

constexpr std::int64_t lengths[] = {5003, 1, 7};

Vars leaves(std::uint64_t seed) {
  TestRng rng(seed);
  Vars all;
  for (std::int64_t n : lengths)
    all.push_back(Var::leaf(Tensor::from(to_float(rng.array({n})), {n})));
  return all;
}

std::vector<std::vector<float>> values_of(const Vars& vars) {
  std::vector<std::vector<float>> all;
  for (const Var& v : vars) all.push_back(v.value().host());
  return all;
}
std::vector<std::vector<float>> values_of(const std::vector<Tensor>& tensors) {
  std::vector<std::vector<float>> all;
  for (const Tensor& t : tensors) all.push_back(t.host());
  return all;
}

/// want[i] = rule(want[i], grad[i]) after each of three steps, held against the optimizer.
template <class Rule>
void check_steps(const std::string& what, Optimizer& optimizer, const Vars& grads, Rule rule) {
  std::vector<DArray> want;
  for (const auto& v : values_of(optimizer.parameters()))
    want.push_back(to_double(v, {static_cast<std::int64_t>(v.size())}));
  for (int step = 1; step <= 3; ++step) {
    optimizer.step(grads);
    const auto got = values_of(optimizer.parameters()), g = values_of(grads);
    for (std::size_t i = 0; i < want.size(); ++i) {
      for (std::int64_t j = 0; j < want[i].elements(); ++j)
        want[i][j] = rule(want[i][j], g[i][static_cast<std::size_t>(j)], i, j);
      compare(what + ", step " + std::to_string(step), got[i],
              expect(want[i], DArray(want[i].shape, 4.0)), tolerance::optimizer);
    }
  }
}

}  // namespace

TEST_CASE("optimizer: make_rmsprop keeps its second moments", "[optimizer]") {
  const kernels::RmsPropOptions options{0.9f, 1e-3f, 0.01f};
  on_each_backend([&](const std::string& backend) {
    const auto optimizer = make_rmsprop(leaves(73), 0.5f, options);
    optimizer->set_learning_rate(0.01f);
    std::vector<std::vector<double>> second;
    for (std::int64_t n : lengths) second.emplace_back(static_cast<std::size_t>(n), 0.0);
    check_steps("make_rmsprop on " + backend, *optimizer, leaves(74),
                [&](double w, double g, std::size_t i, std::int64_t j) {
                  double& v = second[i][static_cast<std::size_t>(j)];
                  g += options.weight_decay * w;
                  v = options.rho * v + (1.0 - options.rho) * g * g;
                  return w - 0.01 * g / (std::sqrt(v) + options.epsilon);
                });
    const auto state = optimizer->state();
    REQUIRE(state.size() == 2 + std::size(lengths));
    CHECK(state[1].first == "step");
    CHECK(state[1].second.host<std::int64_t>() == std::vector<std::int64_t>{3});
    CHECK(state[2].first == "second/0");
  });
}

TEST_CASE("optimizer: Ema follows the parameters", "[optimizer]") {
  on_each_backend([](const std::string& backend) {
    const Vars parameters = leaves(75), grads = leaves(76);
    Ema ema(make_sgd(parameters, 0.1f), 0.75f);
    auto shadow = values_of(parameters);
    CHECK(values_of(ema.shadows()) == shadow);
    for (int step = 1; step <= 3; ++step) {
      ema.step(grads);
      const auto value = values_of(parameters), got = values_of(ema.shadows());
      for (std::size_t i = 0; i < value.size(); ++i) {
        for (std::size_t j = 0; j < value[i].size(); ++j)
          shadow[i][j] += 0.25f * (value[i][j] - shadow[i][j]);
        const DArray want = to_double(shadow[i], {lengths[i]});
        compare("shadow on " + backend + ", step " + std::to_string(step), got[i],
                expect(want, DArray(want.shape, 4.0)), tolerance::optimizer);
      }
    }
    CHECK(ema.state().back().first == "ema/2");
  });
}

TEST_CASE("optimizer: swap_values twice restores", "[optimizer]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Vars parameters = leaves(77);
    Ema ema(make_sgd(parameters, 0.1f), 0.75f);
    ema.step(leaves(78));
    const auto value = values_of(parameters), shadow = values_of(ema.shadows());
    CHECK(value != shadow);
    swap_values(parameters, ema.shadows());
    CHECK(values_of(parameters) == shadow);
    CHECK(values_of(ema.shadows()) == value);
    swap_values(parameters, ema.shadows());
    CHECK(values_of(parameters) == value);
    CHECK(values_of(ema.shadows()) == shadow);
  });
}

TEST_CASE("optimizer: what does not belong to the parameters is refused, and nothing moves",
          "[optimizer]") {
  const Vars parameters = leaves(77);
  const auto before = values_of(parameters);
  const OptimizerPtr sgd = make_sgd(parameters, 0.1f);
  const Var other = Tensor::zeros({1});
  Vars grads = leaves(78);
  const auto refuse = [&] { sgd->step(grads); };
  grads.back() = other;
  CHECK_THROWS_AS(refuse(), ShapeError);
  grads.back() = Var();
  CHECK_THROWS_AS(refuse(), UsageError);
  grads.pop_back();
  CHECK_THROWS_AS(refuse(), UsageError);
  std::vector<Tensor> shadows = Ema(make_sgd(leaves(78), 0.1f), 0.5f).shadows();
  shadows.back() = other.value();
  CHECK_THROWS_AS(swap_values(parameters, shadows), ShapeError);
  shadows.pop_back();
  CHECK_THROWS_AS(swap_values(parameters, shadows), UsageError);
  CHECK(values_of(parameters) == before);
}
