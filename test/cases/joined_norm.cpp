#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/norm.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

constexpr float epsilon = 1e-2f;
constexpr double slope = 0.25;

/// in: the maps, gamma, beta
DArray oracle(const DArrays& in) {
  const std::size_t maps = in.size() - 2;
  std::int64_t channels = 0;
  for (std::size_t m = 0; m < maps; ++m) channels += in[m].shape[-1];
  Shape shape = in[0].shape;
  shape.set(-1, channels);
  DArray y(shape, 0.0);
  const std::int64_t rows = y.elements() / channels;
  std::int64_t at = 0;
  for (std::size_t m = 0; m < maps; ++m) {
    const std::int64_t width = in[m].shape[-1];
    for (std::int64_t c = 0; c < width; ++c, ++at) {
      const auto x = [&](std::int64_t row) { return in[m][row * width + c]; };
      double mean = 0.0, variance = 0.0;
      for (std::int64_t r = 0; r < rows; ++r) mean += x(r) / double(rows);
      for (std::int64_t r = 0; r < rows; ++r)
        variance += (x(r) - mean) * (x(r) - mean) / double(rows);
      for (std::int64_t r = 0; r < rows; ++r) {
        const double pre =
            (x(r) - mean) / std::sqrt(variance + double{epsilon}) * in[maps][at] + in[maps + 1][at];
        y[r * channels + at] = pre > 0 ? pre : slope * pre;
      }
    }
  }
  return y;
}

std::vector<JoinedMap> maps_of(const Vars& in) {
  std::vector<JoinedMap> maps;
  for (std::size_t m = 0; m + 2 < in.size(); ++m) maps.push_back(with_statistics(in[m]));
  return maps;
}

Case joined_case(const Shape& pixels, const std::vector<std::int64_t>& widths) {
  Case c;
  c.name = "joined_batch_norm of " + to_string(pixels) + " x";
  std::int64_t channels = 0;
  for (const std::int64_t width : widths) {
    Shape shape = pixels;
    shape.set(-1, width);
    c.inputs.push_back({shape, -1.0, 1.0});
    c.name += " " + std::to_string(width);
    channels += width;
  }
  c.inputs.push_back({{channels}, 0.5, 1.5});
  c.inputs.push_back({{channels}, 4.0, 5.0});  // far from leaky_relu's kink
  c.op = [](const Vars& in) {
    return joined_batch_norm(maps_of(in), in[in.size() - 2], in.back(), epsilon,
                             Activation::leaky_relu, float(slope));
  };
  c.oracle = oracle;
  c.bound = Bound::largest;
  c.k = tolerance::norm;
  return c;
}

}  // namespace

TEST_CASE("joined norm: values and derivatives", "[norm]") {
  check(joined_case({2, 3, 5, 1}, {2, 3}));
  check(joined_case({7, 1}, {3}));
  check(joined_case({3, 2, 1, 1}, {1, 4, 1, 2}));
}

namespace {

using kernels::NormPiece;

/// What the kernels make of the maps side by side, held against the same of their concatenation.
void check_kernels(std::int64_t rows, const std::vector<std::int64_t>& widths,
                   const std::string& backend) {
  std::string what = "joined norm, " + std::to_string(rows) + " rows of";
  std::int64_t channels = 0;
  for (const std::int64_t width : widths) what += " " + std::to_string(width), channels += width;
  what += " on " + backend;
  TestRng rng(31);
  const DArray wide = rng.array({rows, channels}), gy = rng.array({rows, channels}),
               gamma = rng.array({channels}, 0.5, 1.5), beta = rng.array({channels}, -0.5, 0.5);
  Sentinels buffers(what);
  Stream& stream = current_stream();
  const kernels::BatchNormShape s{rows, channels, epsilon, kernels::Activation::leaky_relu, 0.25f};
  const float *all = buffers.input(to_float(wide)), *g = buffers.input(to_float(gy)),
              *scale = buffers.input(to_float(gamma)), *shift = buffers.input(to_float(beta));
  const std::vector<float> zeros(std::size_t(channels), 0.0f);
  float *want_y = buffers.output(rows * channels), *mean = buffers.output(channels),
        *variance = buffers.output(channels), *want_gx = buffers.output(rows * channels),
        *want_ggamma = buffers.output(channels), *want_gbeta = buffers.output(channels),
        *want_moving = buffers.state(std::vector<float>(2 * zeros.size(), 0.5f)),
        *moving = buffers.state(std::vector<float>(2 * zeros.size(), 0.5f));
  const auto averages = [&](float* at) {
    return kernels::MovingStatistics{at, at + channels, 0.75f, 1.5f};
  };
  kernels::batch_norm(stream, s, all, scale, shift, nullptr, want_y, mean, variance,
                      averages(want_moving));
  kernels::batch_norm_grad(stream, s, all, scale, shift, mean, variance, g, want_gx, want_ggamma,
                           want_gbeta);

  std::vector<NormPiece> pieces;
  std::vector<float*> gradients;
  std::int64_t first = 0;
  for (const std::int64_t width : widths) {
    DArray map({rows, width}, 0.0);
    for (std::int64_t i = 0; i < map.elements(); ++i)
      map[i] = wide[i / width * channels + first + i % width];
    float *of_mean = buffers.output(width), *of_variance = buffers.output(width);
    const float* x = buffers.input(to_float(map));
    kernels::channel_statistics(stream, rows, width, x, of_mean, of_variance);
    const bool wanted = gradients.size() != 1;  // of the second map nobody wants it
    gradients.push_back(wanted ? buffers.output(rows * width) : nullptr);
    pieces.push_back({x, width, of_mean, of_variance, gradients.back()});
    first += width;
  }
  float *y = buffers.output(rows * channels), *ggamma = buffers.output(channels),
        *gbeta = buffers.output(channels);
  kernels::joined_batch_norm(stream, s, pieces, scale, shift, y, averages(moving));
  kernels::joined_batch_norm_grad(stream, s, pieces, scale, shift, g, ggamma, gbeta);
  const auto near = [&](const char* of, const std::vector<float>& got,
                        const std::vector<float>& want, double terms) {
    const DArray value = to_double(want, {std::int64_t(want.size())});
    compare(what + ", " + of, got, expect(value, DArray(value.shape, terms)), tolerance::norm);
  };
  near("y", buffers.read(y), buffers.read(want_y), 8.0);
  near("moving", buffers.read(moving), buffers.read(want_moving), 8.0);
  near("ggamma", buffers.read(ggamma), buffers.read(want_ggamma), double(rows));
  near("gbeta", buffers.read(gbeta), buffers.read(want_gbeta), double(rows));
  const std::vector<float> gx = buffers.read(want_gx);
  first = 0;
  for (std::size_t m = 0; m < widths.size(); first += widths[m], ++m) {
    if (!gradients[m]) continue;
    std::vector<float> part;
    for (std::int64_t i = 0; i < rows * widths[m]; ++i)
      part.push_back(gx[std::size_t(i / widths[m] * channels + first + i % widths[m])]);
    near("gx", buffers.read(gradients[m]), part, 16.0);
  }
  // Without what nobody wants.
  float* again = buffers.output(rows * widths[0]);
  for (NormPiece& piece : pieces) piece.gx = nullptr;
  pieces[0].gx = again;
  kernels::joined_batch_norm_grad(stream, s, pieces, nullptr, nullptr, g, nullptr, nullptr);
  for (const float value : buffers.read(again)) CHECK(std::isfinite(value));
}

}  // namespace

TEST_CASE("joined norm: kernels against those of one matrix", "[norm]") {
  on_each_backend([](const std::string& backend) {
    check_kernels(1, {1}, backend);
    check_kernels(7, {3, 5}, backend);
    check_kernels(67, {64, 32, 32}, backend);
    check_kernels(33, {70, 1, 17, 16}, backend);
    check_kernels(300, {5, 8, 8, 8, 8, 8, 8}, backend);
    check_kernels(5, std::vector<std::int64_t>(kernels::most_norm_pieces, 2), backend);
    if (backend.starts_with("emulated")) return;
    check_kernels(4099, {64, 32, 32, 32}, backend);
    check_kernels(257, std::vector<std::int64_t>(kernels::most_norm_pieces, 7), backend);
  });
}

TEST_CASE("joined norm: neither gamma, beta nor an activation", "[norm]") {
  check({"joined_batch_norm, bare",
         {{{3, 2, 2, 3}, -1.0, 1.0}, {{3, 2, 2, 2}, -1.0, 1.0}},
         [](const Vars& in) {
           return joined_batch_norm({with_statistics(in[0]), with_statistics(in[1])}, {}, {},
                                    epsilon);
         },
         [](DArrays in) {
           in.push_back(DArray({5}, 1.0));
           in.push_back(DArray({5}, 100.0));  // no activation: nothing is below the kink
           DArray y = oracle(in);
           for (double& v : y.v) v -= 100.0;
           return y;
         },
         Bound::largest,
         tolerance::norm});
}

TEST_CASE("joined norm: given statistics", "[norm]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(5);
    const Shape left{3, 2, 2, 3}, right{3, 2, 2, 5};
    const Var x(Tensor::from(to_float(rng.array(left)), left)),
        z(Tensor::from(to_float(rng.array(right)), right));
    const auto of = [&](double low, double high) {
      return Tensor::from(to_float(rng.array({8}, low, high)), {8});
    };
    const Tensor mean = of(-1, 1), variance = of(0.5, 2);
    const Var gamma = Var::leaf(of(0.5, 1.5)), beta = Var::leaf(of(-1, 1));
    const auto joined = [&] {
      return joined_batch_norm_inference({x, z}, gamma, beta, mean, variance, epsilon,
                                         Activation::leaky_relu, float(slope));
    };
    const Var want = batch_norm_inference(concat({x, z}), gamma, beta, mean, variance, epsilon,
                                          Activation::leaky_relu, float(slope));
    const DArray value = to_double(want.value().host(), want.shape());
    const auto same = [&](const Var& y) {
      compare("joined inference on " + backend, y.value().host(),
              expect(value, DArray(value.shape, 8.0)), tolerance::norm);
    };
    same(joined());
    CHECK(joined().tracked());
    const Var by = grad(sum(joined()), {gamma})[0], of_one = grad(sum(want), {gamma})[0];
    CHECK(by.value().host() == of_one.value().host());
    const Recording off(false);
    same(joined());
    CHECK_FALSE(joined().tracked());
  });
}

TEST_CASE("joined norm: what does not fit is refused", "[norm]") {
  const auto map = [](const Shape& shape) { return with_statistics(Var(Tensor::zeros(shape))); };
  const auto norm = [](const std::vector<JoinedMap>& maps, const Var& gamma) {
    return joined_batch_norm(maps, gamma, {}, epsilon);
  };
  CHECK_THROWS_WITH(norm({}, {}), Contains("joined_batch_norm") && Contains("nothing to join"));
  CHECK_THROWS_WITH(norm({map({2, 3, 3, 4}), map({2, 3, 2, 4})}, {}), Contains("does not join"));
  CHECK_THROWS_WITH(norm({map({2, 4}), map({2, 3})}, Var(Tensor::zeros({6}))),
                    Contains("gamma") && Contains("7 channels"));
  CHECK_THROWS_WITH(norm(std::vector<JoinedMap>(65, map({2, 1})), {}),
                    Contains("65 maps") && Contains("64"));
  std::vector<JoinedMap> bare{map({2, 4})};
  bare[0].mean = Tensor::zeros({3});
  CHECK_THROWS_AS(norm(bare, {}), ShapeError);
}
