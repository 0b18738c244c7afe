#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/kernels/optimizer.h>

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

/// Tensors of odd extents, as many as a network has, so that several launches' worth is covered.
std::vector<Slot> slots(Sentinels& buffers) {
  std::vector<Slot> all;
  TestRng rng(67);
  for (std::int64_t n : {1, 3, 31, 129, 7, 1031, 5, 2, 1}) {
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
            kernels::adam(stream, s, options, buffers.input(std::vector<float>{0.01f}),
                          buffers.input(std::vector<std::int64_t>{step}));
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
