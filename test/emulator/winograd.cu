// Minimal filtering: its kernels on shapes that the plan would leave to the direct sum, being too
// small to pay; the plan; and the ways in.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/cuda/winograd.cuh>

#include <test/backends.h>
#include <test/case.h>
#include <test/conv_setup.h>
#include <test/sentinels.h>

using namespace ganymede;
using namespace ganymede::kernels::cuda;
using namespace ganymede::test;
using kernels::Activation;
using kernels::Contraction;
using kernels::ConvShape;
using kernels::WinogradPlan;

namespace {

struct Planned {
  ConvShape s;
  int images;  ///< of a slice
  WinogradPlan plan() const { return {4, s.kernel_h, images, 0, 0}; }
};

std::vector<Planned> shapes() {
  ConvShape uneven = conv_shape(1, 6, 9, 8, 4, 3, 3);
  uneven.pad_left = 2, uneven.pad_bottom = 3, uneven.pad_right = 1;
  ConvShape same = conv_shape(2, 8, 6, 4, 8, 5, 5);  // Keras's for stride 2, at stride 1
  same.pad_top = 1, same.pad_left = 1, same.pad_bottom = 2, same.pad_right = 2;
  return {{conv_shape(1, 1, 1, 4, 4, 3, 3, 1, 1), 1},
          {conv_shape(1, 1, 2, 4, 8, 5, 5, 1, 2), 1},
          {conv_shape(2, 7, 5, 8, 12, 3, 3, 1, 1), 2},
          {conv_shape(1, 13, 11, 12, 8, 5, 5, 1, 2), 1},
          {conv_shape(2, 9, 7, 8, 8, 3, 3), 2},
          {conv_shape(1, 5, 10, 8, 4, 5, 5), 1},
          {conv_shape(1, 5, 3, 8, 8, 3, 3, 1, 4), 1},  // more padding than the window needs
          {conv_shape(1, 3, 2, 4, 12, 5, 5, 1, 7), 1},
          {conv_shape(5, 4, 8, 68, 36, 3, 3, 1, 1), 2},  // slices of two, two and one
          {conv_shape(3, 5, 4, 36, 4, 5, 5, 1, 2), 1},
          {strided(conv_shape(2, 6, 5, 8, 12, 3, 3, 1, 1), 9, 15), 1},
          {uneven, 1},
          {same, 2}};
}

/// What the double oracle gives for a sum of so many products. Bounds are those of whole tiles,
/// with 1/4 for the mean product of absolute operands: a tile mixes its pixels, so that one with
/// few terms, at a corner or in the padding, has the error of its neighbours.
Expected expected(const DArray& value, int products) {
  return expect(value, DArray(value.shape, products / 4.0));
}

/// y, gx and gw by the kernels, compared with the oracle.
std::vector<std::vector<float>> contractions(const Planned& planned, const std::string& backend) {
  const ConvSetup t(planned.s, backend, tolerance::minimal_filtering);
  Sentinels buffers("winograd, " + t.where);
  float *y = buffers.output(t.y_count()), *gx = buffers.output(t.x_count()),
        *gw = buffers.output(t.s.weights());
  const float *x = buffers.input(t.wide_x()), *w = buffers.input(to_float(t.w)),
              *gy = buffers.input(t.wide_gy());
  Stream& stream = current_stream();
  winograd_forward(stream, planned.plan(), t.s, x, w, y, {}, {});
  winograd_input_grad(stream, planned.plan(), t.s, gy, w, gx, {});
  winograd_weight_grad(stream, planned.plan(), t.s, x, gy, gw);
  std::vector<std::vector<float>> got{
      gathered(buffers.read(y), t.s.filters, t.s.y_stride(), t.where),
      gathered(buffers.read(gx), t.s.channels, t.s.x_stride(), t.where), buffers.read(gw)};
  const int taps = t.s.kernel_h * t.s.kernel_w;
  const int tiles = t.s.batch * ceil_div(t.s.out_height(), 4) * ceil_div(t.s.out_width(), 4);
  compare("winograd_forward " + t.where, got[0],
          expected(conv2d_oracle(t.s, t.x, t.w), taps * t.s.channels), t.k);
  compare("winograd_input_grad " + t.where, got[1],
          expected(input_grad_oracle(t.s, t.gy, t.w), taps * t.s.filters), t.k);
  compare("winograd_weight_grad " + t.where, got[2],
          expected(weight_grad_oracle(t.s, t.x, t.gy), 16 * tiles), t.k);
  return got;
}

double leaky(double x) { return x > 0 ? x : 0.25 * x; }

constexpr Contraction all_contractions[] = {Contraction::forward, Contraction::input_grad,
                                            Contraction::weight_grad};

const kernels::Hardware h200{DeviceKind::cuda, "NVIDIA H200", 9, 0, 132};

/// Whether any contraction of this shape is filtered there.
bool any_plan(const ConvShape& s, MathMode mode) {
  return std::any_of(std::begin(all_contractions), std::end(all_contractions),
                     [&](auto c) { return winograd_plan(s, c, h200, mode).has_value(); });
}

/// Launches of kernels whose names begin so.
std::uint64_t launches_of(const std::string& prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : simt::launch_counts().by_name)
    if (name.starts_with(prefix)) sum += count;
  return sum;
}

}  // namespace

TEST_CASE("winograd: the three contractions, the same bits in every order of lanes") {
  std::vector<std::vector<std::vector<float>>> first;
  on_each_cuda_backend([&](const std::string& backend) {
    std::vector<std::vector<std::vector<float>>> now;
    for (const Planned& planned : shapes()) now.push_back(contractions(planned, backend));
    if (first.empty()) first = now;
    CHECK((now == first));
  });
}

TEST_CASE("winograd: bias, leaky_relu and a prologue that leaves the padding zero") {
  on_each_cuda_backend([](const std::string& backend) {
    for (const ConvShape& s :
         {conv_shape(3, 7, 6, 8, 12, 3, 3, 1, 1), conv_shape(1, 6, 7, 12, 8, 5, 5, 1, 2)}) {
      const ConvSetup t(s, backend, tolerance::minimal_filtering);
      TestRng rng(23);
      const DArray scale = rng.array({s.channels}), shift = rng.array({s.channels}, 0.5, 1.0),
                   bias = rng.array({s.filters});
      DArray x = t.x;
      for (std::int64_t i = 0; i < x.elements(); ++i)
        x[i] = leaky(x[i] * scale[i % s.channels] + shift[i % s.channels]);
      DArray want = add_channels(conv2d_oracle(s, x, t.w), bias);
      for (double& v : want.v) v = leaky(v);
      Sentinels buffers("winograd with an epilogue, " + t.where);
      float* y = buffers.output(t.y_count());
      winograd_forward(current_stream(), {4, s.kernel_h, 2, 0, 0}, s, buffers.input(to_float(t.x)),
                       buffers.input(to_float(t.w)), y,
                       {buffers.input(to_float(scale)), buffers.input(to_float(shift)),
                        Activation::leaky_relu, 0.25f},
                       {buffers.input(to_float(bias)), Activation::leaky_relu, 0.25f});
      compare("winograd with an epilogue, " + t.where, buffers.read(y),
              expected(want, 2 * s.kernel_h * s.kernel_w * s.channels), t.k);
    }
  });
}

TEST_CASE("winograd: where it is planned") {
  for (const ConvShape& s :
       {conv_shape(16, 32, 32, 128, 128, 5, 5, 1, 2), conv_shape(16, 16, 16, 128, 128, 5, 5, 1, 2),
        conv_shape(16, 32, 32, 128, 128, 3, 3, 1, 1)})
    for (const Contraction c : all_contractions) {
      const auto plan = winograd_plan(s, c, h200, MathMode::fp32);
      REQUIRE(plan);
      CHECK(plan->outputs == 4);
      CHECK(plan->taps == s.kernel_h);
      CHECK(plan->images == 16);
      CHECK_FALSE(winograd_plan(s, c, h200, MathMode::tf32));
      CHECK_FALSE(winograd_plan(s, c, h200, MathMode::bf16));
    }
  // Too small, thin, not in fours, and windows it does not have.
  const ConvShape paper = conv_shape(16, 32, 32, 128, 128, 5, 5, 1, 2);
  std::vector<ConvShape> direct{conv_shape(16, 4, 4, 128, 128, 5, 5, 1, 2),
                                conv_shape(16, 8, 8, 128, 128, 5, 5, 1, 2),
                                conv_shape(16, 32, 32, 128, 1, 5, 5, 1, 2),
                                conv_shape(16, 32, 32, 3, 128, 5, 5, 1, 2),
                                conv_shape(16, 32, 32, 126, 128, 5, 5, 1, 2),
                                conv_shape(16, 32, 32, 128, 126, 5, 5, 1, 2),
                                conv_shape(16, 32, 32, 128, 128, 4, 4, 2, 1),
                                conv_shape(16, 32, 32, 128, 128, 1, 1),
                                conv_shape(16, 32, 32, 128, 128, 3, 5, 1, 2),
                                conv_shape(16, 32, 32, 128, 128, 5, 5, 2, 2),
                                grouped(paper, 2)};
  direct.push_back(paper);
  direct.back().dilation_h = direct.back().dilation_w = 2;
  for (const ConvShape& s : direct) CHECK_FALSE(any_plan(s, MathMode::fp32));
}

TEST_CASE("winograd: its workspace is bounded by slices of the batch") {
  constexpr std::size_t most = std::size_t{256} << 20;
  const ConvShape large = conv_shape(64, 64, 64, 128, 128, 5, 5, 1, 2);
  for (const Contraction c : all_contractions) {
    const auto plan = winograd_plan(large, c, h200, MathMode::fp32);
    REQUIRE(plan);
    CHECK(plan->images < large.batch);
    CHECK(plan->images > 1);
    CHECK(plan->bytes <= most);
    CHECK(plan->bytes > most / 2);
  }
  // One image, and weights, that are too large.
  CHECK_FALSE(any_plan(conv_shape(1, 1024, 1024, 128, 128, 5, 5, 1, 2), MathMode::fp32));
  CHECK_FALSE(any_plan(conv_shape(64, 16, 16, 2048, 2048, 3, 3, 1, 1), MathMode::fp32));
}

TEST_CASE("winograd: conv2d and its gradients take it, in fp32 alone") {
  if (!sanitized) return;  // names are known there
  Stream stream(cuda_device());
  const ConvShape s = conv_shape(2, 20, 19, 36, 32, 5, 5, 1, 2);
  const Block block = allocate(stream, sizeof(float) << 17);
  auto* p = static_cast<float*>(block.data());
  float *w = p + (1 << 15), *out = p + (1 << 16);
  simt::set_dry_run(true);
  for (const MathMode mode : {MathMode::fp32, MathMode::tf32}) {
    stream.set_math_mode(mode);
    const bool filtered = mode == MathMode::fp32;
    const auto count = [&](const auto& contraction, std::uint64_t transforms, std::uint64_t back) {
      simt::reset_launch_counts();
      contraction();
      CHECK(launches_of("to_positions<") == (filtered ? transforms : 0));
      CHECK(launches_of("from_positions<") == (filtered ? back : 0));
      CHECK(launches_of("multiply") == 1);
    };
    count([&] { kernels::conv2d(stream, s, p, w, out, {}, {}); }, 2, 1);
    count([&] { kernels::conv2d_input_grad(stream, s, p, w, out, {}); }, 2, 1);
    count([&] { kernels::conv_transpose2d(stream, s, p, w, out, {}); }, 2, 1);
    count([&] { kernels::conv2d_weight_grad(stream, s, p, w, out, nullptr); }, 2, 1);
    // tanh 64 times a thread: left to the direct sum.
    simt::reset_launch_counts();
    kernels::conv2d(stream, s, p, w, out, {p, p, Activation::tanh, 0.0f}, {});
    CHECK(launches_of("to_positions<") == 0);
  }
  simt::set_dry_run(false);
}
