// A value that is no number must show, whatever the device and the route: a training that has
// diverged may not look healthy.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/optimizer.h>
#include <ganymede/kernels/pointwise.h>
#include <ganymede/kernels/stream.h>

#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

const float nan_value = std::numeric_limits<float>::quiet_NaN();

/// Zeros with a NaN at `place`.
Tensor with_nan(const Shape& shape, std::int64_t place) {
  std::vector<float> values(std::size_t(shape.elements()), 0.0f);
  values[std::size_t(place)] = nan_value;
  return Tensor::from<float>(values, shape);
}

bool shows(const Tensor& t) {
  for (const float v : t.host())
    if (std::isnan(v)) return true;
  return false;
}

}  // namespace

TEST_CASE("nan: clamp, sign and clip keep it", "[nan]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    Stream& stream = current_stream();
    Tensor x = with_nan({9}, 6), y({9});
    kernels::clamp(stream, 9, x.data(), -1.0f, 1.0f, y.data());
    CHECK(shows(y));
    kernels::sign(stream, 9, x.data(), y.data());
    CHECK(shows(y));
    const kernels::ParameterSlot slot{x.data(), nullptr, nullptr, nullptr, 9};
    kernels::clip(stream, std::span(&slot, 1), 0.01f);
    CHECK(shows(x));
  });
}

TEST_CASE("nan: max_pool takes it from any place of its window", "[nan]") {
  on_each_backend([](const std::string& backend) {
    for (const int place : {0, 1, 2, 3}) {
      INFO(backend << ", place " << place);
      CHECK(shows(max_pool(with_nan({1, 2, 2, 1}, place), {.window = 2, .stride = 2}).value()));
    }
  });
}

TEST_CASE("nan: a convolution with relu keeps it on every route", "[nan]") {
  on_each_backend([](const std::string& backend) {
    struct {
      int extent, channels, kernel;
    } const routes[] = {{5, 3, 3}, {6, 12, 3}, {16, 32, 3}, {6, 33, 1}};
    for (const auto& [extent, channels, kernel] : routes) {
      INFO(backend << ", " << channels << " channels, kernel " << kernel);
      const Var x = with_nan({2, extent, extent, channels}, channels * extent + 1);
      const Var w = Tensor::full({channels, kernel, kernel, channels}, 0.5f);
      const Fused relu{{}, Activation::leaky_relu, 0.0f};
      CHECK(shows(conv2d(x, w, conv_geometry(1, kernel / 2), relu).value()));
    }
  });
}
