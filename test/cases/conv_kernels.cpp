// The conv kernels themselves: prime and degenerate extents, pixel strides and prologue, with
// guards around every buffer. The epilogue: conv_epilogue.cpp.
#include <omp.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_setup.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using kernels::ConvShape;

namespace {

std::vector<ConvShape> shapes() {
  std::vector<ConvShape> all{
      conv_shape(1, 1, 1, 1, 1, 1, 1),         conv_shape(1, 2, 3, 1, 3, 5, 5, 1, 2),
      conv_shape(2, 7, 5, 3, 7, 3, 3, 1, 1),   conv_shape(1, 8, 8, 31, 5, 4, 4, 2, 1),
      conv_shape(3, 5, 7, 5, 31, 3, 3, 3, 1),  conv_shape(1, 3, 3, 129, 3, 1, 1),
      conv_shape(1, 4, 4, 3, 129, 3, 3, 2, 1), conv_shape(2, 1, 31, 7, 1, 1, 3, 1, 1),
      conv_shape(1, 9, 9, 33, 35, 3, 3, 1, 1)};
  ConvShape uneven = conv_shape(2, 6, 5, 3, 5, 4, 4, 2);
  uneven.pad_top = 1, uneven.pad_bottom = 2, uneven.pad_right = 3;
  ConvShape dilated = conv_shape(1, 9, 8, 3, 7, 3, 3, 1, 2);
  dilated.dilation_h = dilated.dilation_w = 2;
  ConvShape grouped = conv_shape(2, 5, 5, 6, 9, 3, 3, 2, 1);
  grouped.groups = 3;
  ConvShape depthwise = conv_shape(1, 5, 5, 7, 7, 3, 3, 1, 1);
  depthwise.groups = 7;
  ConvShape wide_groups = conv_shape(1, 5, 4, 16, 24, 3, 3, 1, 1);  // channels and filters in fours
  wide_groups.groups = 2;
  all.insert(all.end(),
             {uneven, dilated, grouped, depthwise, wide_groups,
              conv_shape(2, 6, 5, 8, 12, 3, 3, 2, 1), conv_shape(1, 5, 4, 6, 2, 3, 3, 1, 1),
              conv_shape(1, 5, 4, 7, 4, 3, 3, 2, 1), conv_shape(1, 5, 4, 2, 6, 4, 4, 2, 1),
              conv_shape(1, 5, 4, 4, 7, 3, 3, 1, 1), conv_shape(1, 11, 13, 8, 12, 3, 3, 5, 1)});
  // Sixteen channels at a time at all taps.
  ConvShape walked = conv_shape(2, 7, 6, 64, 96, 3, 2, 1, 1);
  walked.groups = 2, walked.dilation_h = 2;
  all.insert(all.end(), {walked, conv_shape(1, 5, 6, 32, 48, 3, 3, 1, 1),
                         conv_shape(1, 7, 5, 48, 32, 4, 4, 2, 1)});
  return all;
}

/// One side thin, the other in fours, as the image ends of networks are; both ways round.
std::vector<ConvShape> thin_shapes() {
  std::vector<ConvShape> all;
  const auto add = [&](const ConvShape& s) {
    all.push_back(s);
    all.push_back(s);
    std::swap(all.back().channels, all.back().filters);
    std::swap(all.back().x_pixel_stride, all.back().y_pixel_stride);
  };
  for (const int thin : {1, 3}) {
    add(conv_shape(2, 5, 19, thin, 12, 3, 3, 1, 1));
    add(conv_shape(1, 7, 9, thin, 8, 5, 5, 1, 2));
    add(conv_shape(2, 6, 38, thin, 8, 4, 4, 2, 1));
    add(conv_shape(1, 9, 11, thin, 12, 5, 5, 2, 2));
  }
  add(conv_shape(1, 17, 70, 1, 132, 3, 3, 1, 1));  // more channels than a block has
  add(conv_shape(3, 3, 2, 1, 136, 1, 1));
  add(conv_shape(1, 1, 13, 2, 8, 3, 3, 1, 1));
  add(conv_shape(1, 5, 4, 4, 8, 3, 3, 1, 1));
  add(conv_shape(2, 5, 7, 1, 8, 6, 6, 1, 2));
  add(conv_shape(1, 9, 9, 1, 8, 7, 7, 1, 3));
  add(conv_shape(1, 8, 7, 3, 12, 2, 1, 3));  // phases without taps
  add(strided(conv_shape(2, 6, 7, 1, 8, 3, 3, 1, 1), 4, 12));
  ConvShape dilated = conv_shape(1, 9, 11, 1, 8, 3, 3, 1, 2);
  dilated.dilation_h = dilated.dilation_w = 2;
  ConvShape sparse = dilated;
  sparse.stride_h = sparse.stride_w = 3;
  ConvShape uneven = conv_shape(2, 6, 5, 1, 8, 4, 4, 2);
  uneven.pad_top = 1, uneven.pad_bottom = 2, uneven.pad_right = 3;
  ConvShape flat = conv_shape(1, 9, 9, 3, 8, 3, 3, 1, 1), upright = flat;
  flat.stride_h = 2, upright.stride_w = 2;
  for (const ConvShape& s : {dilated, sparse, uneven, flat, upright}) add(s);
  return all;
}

/// So many pixels and taps that a weight gradient takes them a slice at a time; both ways round.
std::vector<ConvShape> sliced_shapes() {
  return {conv_shape(1, 23, 24, 4, 67, 7, 7, 1, 3), conv_shape(1, 23, 24, 67, 4, 7, 7, 1, 3),
          conv_shape(1, 47, 48, 3, 97, 7, 7, 2, 3)};
}

/// Large enough for the routes that only pay off on more work: larger tiles, split sums, minimal
/// filtering. With remainders in every extent.
std::vector<ConvShape> large_shapes() {
  return {conv_shape(2, 24, 23, 5, 6, 1, 1),         conv_shape(1, 16, 16, 12, 128, 3, 3, 1, 1),
          conv_shape(1, 16, 15, 5, 125, 3, 3, 1, 1), conv_shape(1, 16, 16, 126, 21, 1, 1),
          conv_shape(1, 16, 16, 128, 20, 1, 1),      conv_shape(1, 9, 9, 128, 128, 1, 1),
          conv_shape(2, 20, 19, 36, 32, 5, 5, 1, 2)};
}

/// The same, too slow for the emulator, whose kernels they do not exercise further.
std::vector<ConvShape> larger_shapes() {
  return {conv_shape(2, 17, 15, 33, 35, 3, 3, 1, 1), conv_shape(2, 16, 17, 34, 33, 5, 5, 1, 2),
          conv_shape(2, 33, 31, 35, 32, 4, 4, 2, 1), conv_shape(2, 32, 33, 32, 37, 5, 5, 2, 2),
          conv_shape(2, 33, 32, 33, 33, 6, 6, 2, 2)};
}

/// Few tiles and so many channels that weights are transformed piece by piece; and where only many
/// weights make so few tiles worth it, the last in images smaller than a tile.
std::vector<ConvShape> few_tiles() {
  return {conv_shape(2, 16, 17, 70, 40, 5, 5, 1, 2), conv_shape(8, 16, 15, 170, 33, 4, 4, 2, 1),
          conv_shape(8, 7, 8, 35, 150, 3, 3, 1, 1),  conv_shape(8, 8, 7, 133, 161, 5, 5, 2, 2),
          conv_shape(8, 8, 7, 70, 130, 4, 4, 2, 1),  conv_shape(16, 4, 3, 100, 150, 3, 3, 1, 1),
          conv_shape(8, 2, 3, 240, 250, 3, 3, 1, 1)};
}

void check_forward(const ConvSetup& t) {
  Sentinels buffers("conv2d " + t.where);
  float* y = buffers.output(t.y_count());
  kernels::conv2d(current_stream(), t.s, buffers.input(t.wide_x()), buffers.input(to_float(t.w)), y,
                  {}, {});
  compare("conv2d " + t.where,
          gathered(buffers.read(y), t.s.filters, t.s.y_stride(), "conv2d " + t.where),
          expect(conv2d_oracle(t.s, t.x, t.w), conv2d_oracle(t.s, absolute(t.x), absolute(t.w))),
          t.k);
}

template <class Kernel>
void check_input_grad(const char* op, const Kernel& kernel, const ConvSetup& t) {
  const std::string what = op + (" " + t.where);
  Sentinels buffers(what);
  float* gx = buffers.output(t.x_count());
  kernel(current_stream(), t.s, buffers.input(t.wide_gy()), buffers.input(to_float(t.w)), gx,
         kernels::Epilogue{});
  compare(what, gathered(buffers.read(gx), t.s.channels, t.s.x_stride(), what),
          expect(input_grad_oracle(t.s, t.gy, t.w),
                 input_grad_oracle(t.s, absolute(t.gy), absolute(t.w))),
          t.k);
}

DArray channel_sums(const DArray& y) {
  DArray total({y.shape[-1]});
  for (std::int64_t i = 0; i < y.elements(); ++i) total[i % total.elements()] += y[i];
  return total;
}

void check_weight_grad(const ConvSetup& t) {
  const std::string what = "conv2d_weight_grad " + t.where;
  Sentinels buffers(what);
  float *gw = buffers.output(t.s.weights()), *gbias = buffers.output(t.s.filters);
  kernels::conv2d_weight_grad(current_stream(), t.s, buffers.input(t.wide_x()),
                              buffers.input(t.wide_gy()), gw, gbias);
  compare(what, buffers.read(gw),
          expect(weight_grad_oracle(t.s, t.x, t.gy),
                 weight_grad_oracle(t.s, absolute(t.x), absolute(t.gy))),
          t.k);
  compare(what + ", bias", buffers.read(gbias),
          expect(channel_sums(t.gy), channel_sums(absolute(t.gy))), t.k);
  float* again = buffers.output(t.s.weights());
  kernels::conv2d_weight_grad(current_stream(), t.s, buffers.input(t.wide_x()),
                              buffers.input(t.wide_gy()), again, nullptr);
  if (current_stream().kernels() == KernelSource::own)  // the vendor's may add with atomics
    CHECK(buffers.read(again) == buffers.read(gw));
}

void check_all(const ConvShape& s, const std::string& backend, double k = tolerance::conv) {
  const ConvSetup t(s, backend, k);
  check_forward(t);
  check_input_grad("conv2d_input_grad", kernels::conv2d_input_grad, t);
  check_input_grad("conv_transpose2d", kernels::conv_transpose2d, t);
  check_weight_grad(t);
}

/// Puts the number of threads back.
struct ThreadCount {
  int count = omp_get_max_threads();
  ThreadCount() = default;
  ~ThreadCount() { omp_set_num_threads(count); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
};

/// y, gx and gw by the CPU's bodies.
using Results = std::vector<std::vector<float>>;
Results contractions(const ConvSetup& t) {
  Stream stream(cpu_device);
  const auto x = to_float(t.x), w = to_float(t.w), gy = to_float(t.gy);
  Results r{std::vector<float>(gy.size()), std::vector<float>(x.size()),
            std::vector<float>(w.size())};
  kernels::conv2d(stream, t.s, x.data(), w.data(), r[0].data(), {}, {});
  kernels::conv2d_input_grad(stream, t.s, gy.data(), w.data(), r[1].data(), {});
  kernels::conv2d_weight_grad(stream, t.s, x.data(), gy.data(), r[2].data(), nullptr);
  return r;
}

}  // namespace

TEST_CASE("conv kernels: extents and guards", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : shapes()) check_all(s, backend);
  });
}

TEST_CASE("conv kernels: thin ends", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : thin_shapes()) check_all(s, backend);
    if (backend.starts_with("emulated")) return;
    for (const ConvShape& s : sliced_shapes()) check_all(s, backend);
  });
}

TEST_CASE("conv kernels: an infinity reaches the pixels that it is a term of, and no others",
          "[conv]") {
  // Strides make phases with fewer taps than others.
  on_each_backend([](const std::string& backend) {
    const ConvSetup t(conv_shape(1, 9, 9, 1, 8, 3, 3, 2, 1), backend);
    std::vector<float> gy = to_float(t.gy), reached(gy.size(), 0.0f);
    gy[8 * 12 + 3] = INFINITY, reached[8 * 12 + 3] = 1.0f;
    const auto grad_of = [&](const std::vector<float>& g) {
      Sentinels buffers("conv2d_input_grad, infinity, " + backend);
      float* gx = buffers.output(t.x_count());
      kernels::conv2d_input_grad(current_stream(), t.s, buffers.input(g),
                                 buffers.input(to_float(t.w)), gx, {});
      return buffers.read(gx);
    };
    const auto gx = grad_of(gy), terms = grad_of(reached);
    for (std::size_t i = 0; i < gx.size(); ++i) CHECK(std::isfinite(gx[i]) == (terms[i] == 0.0f));
  });
}

TEST_CASE("conv kernels: routes for more work", "[conv]") {
  on_each_backend([](const std::string& backend) {
    for (const ConvShape& s : large_shapes()) check_all(s, backend, tolerance::minimal_filtering);
    if (backend.starts_with("emulated")) return;
    for (const ConvShape& s : larger_shapes()) check_all(s, backend, tolerance::minimal_filtering);
    for (const ConvShape& s : few_tiles()) check_all(s, backend, tolerance::minimal_filtering);
  });
}

TEST_CASE("conv kernels: minimal filtering gives the same bits on any number of threads",
          "[conv]") {
  const ThreadCount before;
  std::vector<ConvShape> all = few_tiles();
  for (const ConvShape& s : larger_shapes()) all.push_back(s);
  for (const ConvShape& s : all) {
    const ConvSetup t(s, "cpu");
    omp_set_num_threads(1);
    const Results one = contractions(t);
    omp_set_num_threads(3);
    CHECK((contractions(t) == one));
  }
}

namespace {

void check_slices(const std::string& backend, double k = tolerance::conv) {
  ConvShape s = conv_shape(2, 5, 6, 3, 7, 3, 3, 2, 1);
  s.x_pixel_stride = 8;
  check_all(s, backend, k);
  s.y_pixel_stride = 9;
  check_all(s, backend, k);
  s.x_pixel_stride = 0;
  check_all(s, backend, k);
}

DArray leaky(DArray y) {
  for (double& v : y.v) v = v > 0 ? v : 0.25 * v;
  return y;
}

void check_prologue(const std::string& backend, double k = tolerance::conv) {
  for (const ConvShape& s :
       {conv_shape(2, 5, 4, 3, 7, 3, 3, 1, 1), conv_shape(2, 5, 4, 7, 6, 3, 3, 2, 1),
        conv_shape(2, 5, 4, 8, 12, 3, 3, 1, 1), conv_shape(1, 5, 4, 8, 3, 3, 3, 1, 1),
        conv_shape(2, 5, 4, 3, 8, 3, 3, 1, 1), conv_shape(1, 5, 4, 32, 12, 3, 3, 1, 1)}) {
    const ConvSetup t(s, backend);
    TestRng rng(19);
    const DArray scale = rng.array({s.channels}), shift = rng.array({s.channels}, 0.5, 1.0);
    DArray x = t.x;
    for (std::int64_t i = 0; i < x.elements(); ++i)
      x[i] = x[i] * scale[i % s.channels] + shift[i % s.channels];
    Sentinels buffers("conv2d, prologue, " + t.where);
    float* y = buffers.output(t.y_count());
    const kernels::Prologue prologue{buffers.input(to_float(scale)), buffers.input(to_float(shift)),
                                     kernels::Activation::leaky_relu, 0.25f};
    kernels::conv2d(current_stream(), s, buffers.input(to_float(t.x)), buffers.input(to_float(t.w)),
                    y, prologue, {});
    const DArray want = conv2d_oracle(s, leaky(x), t.w);
    compare("conv2d, prologue, " + t.where, buffers.read(y),
            expect(want, DArray(want.shape, 2.0 * 9 * s.channels)), k);
  }
}

}  // namespace

TEST_CASE("conv kernels: slices of wider tensors", "[conv]") {
  on_each_backend([](const std::string& backend) { check_slices(backend); });
}

TEST_CASE("conv kernels: prologue leaves the padding zero", "[conv]") {
  on_each_backend([](const std::string& backend) { check_prologue(backend); });
}

TEST_CASE("conv kernels: the vendor's keep the contract", "[conv][vendor]") {
  on_each_vendor_backend([](const std::string& backend) {
    const double k = tolerance::vendor;
    // For groups and dilations it may have no algorithm, and says so.
    const auto check = [&](const ConvShape& s) {
      try {
        check_all(s, backend, k);
      } catch (const SettingError& e) {
        if (s.groups == 1 && s.dilation_h == 1 && s.dilation_w == 1) throw;
        WARN(e.what());
      }
    };
    for (const ConvShape& s : shapes()) check(s);
    check_slices(backend, k);
    check_prologue(backend, k);
    if (backend.starts_with("emulated")) return;
    for (const auto& more : {large_shapes(), larger_shapes(), few_tiles()})
      for (const ConvShape& s : more) check(s);
  });
}
