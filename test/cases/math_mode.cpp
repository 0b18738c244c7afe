// tf32 and bf16: conv and gemm against the oracle on operands that were rounded beforehand, or
// truncated where warpgroups multiply.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/plan.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/conv_setup.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;
using kernels::Contraction;
using kernels::ContractionShape;
using kernels::ConvShape;
using kernels::GemmShape;
using kernels::ProductPlan;
using kernels::TileKind;

namespace {

struct Mode {
  MathMode mode;
  const char* name;
  int digits;  ///< binary, the leading one included
};
constexpr Mode modes[] = {{MathMode::tf32, "tf32", 11}, {MathMode::bf16, "bf16", 8}};

/// To `digits` binary digits, by `to_integer`.
DArray to_digits(DArray x, int digits, double (*to_integer)(double)) {
  for (double& v : x.v) {
    int exponent = 0;
    std::frexp(v, &exponent);
    v = std::ldexp(to_integer(std::ldexp(v, digits - exponent)), exponent - digits);
  }
  return x;
}
/// Ties to even.
DArray rounded(DArray x, int digits) { return to_digits(std::move(x), digits, std::nearbyint); }
DArray truncated(DArray x) { return to_digits(std::move(x), 11, std::trunc); }

void on_each_mode(const std::function<void(const Mode&, const std::string& where)>& body) {
  on_each_backend([&](const std::string& backend) {
    for (const Mode& mode : modes) {
      current_stream().set_math_mode(mode.mode);
      body(mode, backend + ", " + mode.name);
    }
  });
}

/// The three contractions; the kernels get the operands as they are.
void check_conv(const ConvShape& s, const Mode& mode, const std::string& where, double k) {
  const ConvSetup t(s, where, k);
  const DArray x = rounded(t.x, mode.digits), w = rounded(t.w, mode.digits),
               gy = rounded(t.gy, mode.digits);
  Sentinels buffers(t.where);
  float *y = buffers.output(t.y_count()), *gx = buffers.output(t.x_count()),
        *image = buffers.output(t.x_count()), *gw = buffers.output(s.weights());
  const float *in = buffers.input(to_float(t.x)), *weights = buffers.input(to_float(t.w)),
              *out = buffers.input(to_float(t.gy));
  kernels::conv2d(current_stream(), s, in, weights, y, {}, {});
  kernels::conv2d_input_grad(current_stream(), s, out, weights, gx, {});
  kernels::conv_transpose2d(current_stream(), s, out, weights, image, {});
  kernels::conv2d_weight_grad(current_stream(), s, in, out, gw, nullptr);
  const auto one = [&](const char* op, const float* got, const auto& oracle, const DArray& a,
                       const DArray& b) {
    compare(op + (" " + t.where), buffers.read(got),
            expect(oracle(s, a, b), oracle(s, absolute(a), absolute(b))), k);
  };
  one("conv2d", y, conv2d_oracle, x, w);
  one("conv2d_input_grad", gx, input_grad_oracle, gy, w);
  one("conv_transpose2d", image, input_grad_oracle, gy, w);
  one("conv2d_weight_grad", gw, weight_grad_oracle, x, gy);
}

DArray product(const GemmShape& s, const DArray& a, const DArray& b) {
  DArray c({s.m, s.n});
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j)
      for (std::int64_t p = 0; p < s.k; ++p)
        c[i * s.n + j] += a[s.transpose_a ? p * s.m + i : i * s.k + p] *
                          b[s.transpose_b ? j * s.k + p : p * s.n + j];
  return c;
}

void check_gemm(const GemmShape& s, const Mode& mode, const std::string& where) {
  TestRng rng(79);
  const DArray a = rng.array({s.m, s.k}), b = rng.array({s.k, s.n}), ra = rounded(a, mode.digits),
               rb = rounded(b, mode.digits);
  Sentinels buffers("gemm on " + where);
  float* c = buffers.output(s.m * s.n);
  kernels::gemm(current_stream(), s, buffers.input(to_float(a)), buffers.input(to_float(b)), c, {});
  compare("gemm on " + where, buffers.read(c),
          expect(product(s, ra, rb), product(s, absolute(ra), absolute(rb))), tolerance::gemm);
}

/// Whether the current stream's device multiplies by warpgroups.
bool has_warpgroups() {
  const kernels::Product product{Contraction::forward, {1, 1, 1}};
  const auto all =
      kernels::eligible_plans(product, kernels::hardware_of(current_stream()), MathMode::tf32);
  return std::ranges::any_of(
      all, [](const ProductPlan& p) { return kernels::taken_by_tables_alone(p.tile); });
}

/// From here on the current stream takes this contraction by this plan, in TF32.
void force(const ContractionShape& shape, const ProductPlan& plan) {
  auto table = std::make_shared<kernels::KernelTable>(kernels::hardware_of(current_stream()));
  table->set(MathMode::tf32, *kernels::product_of(shape), plan);
  kernels::set_kernel_table(current_stream(), table);
}

/// Each way to cut a product over warpgroups, on the devices that have them.
void on_each_warpgroup_plan(
    const std::function<void(const ProductPlan& plan, const std::string& where)>& body) {
  on_each_cuda_backend([&](const std::string& backend) {
    if (!has_warpgroups()) return;
    current_stream().set_math_mode(MathMode::tf32);
    for (const TileKind tile : {TileKind::warpgroup, TileKind::warpgroup_tall})
      for (const int splits : {1, 3})
        body({tile, splits},
             backend + ", " + kernels::name_of(tile) + ", splits: " + std::to_string(splits));
  });
}

/// Against the oracle on truncated operands, and less closely on the operands themselves.
void compare_truncated(const std::string& what, const std::vector<float>& got,
                       const Expected& truncated, const Expected& exact, double k) {
  compare(what, got, truncated, k);
  compare(what + ", of untouched operands", got, exact, k + tolerance::tf32_truncation);
}

void check_conv_by_warpgroups(const ConvShape& s, const ProductPlan& plan,
                              const std::string& where) {
  force({.contraction = Contraction::forward, .conv = s}, plan);
  const ConvSetup t(s, where);
  const DArray x = truncated(t.x), w = truncated(t.w);
  Sentinels buffers(t.where);
  float* y = buffers.output(t.y_count());
  kernels::conv2d(current_stream(), s, buffers.input(to_float(t.x)), buffers.input(to_float(t.w)),
                  y, {}, {});
  compare_truncated(
      "conv2d by warpgroups " + t.where, buffers.read(y),
      expect(conv2d_oracle(s, x, w), conv2d_oracle(s, absolute(x), absolute(w))),
      expect(conv2d_oracle(s, t.x, t.w), conv2d_oracle(s, absolute(t.x), absolute(t.w))), t.k);
}

void check_gemm_by_warpgroups(const GemmShape& s, const ProductPlan& plan,
                              const std::string& where) {
  force({.contraction = Contraction::product_bt, .gemm = s}, plan);
  TestRng rng(83);
  const DArray a = rng.array({s.m, s.k}), b = rng.array({s.k, s.n}), ta = truncated(a),
               tb = truncated(b);
  Sentinels buffers("gemm by warpgroups on " + where);
  float* c = buffers.output(s.m * s.n);
  kernels::gemm(current_stream(), s, buffers.input(to_float(a)), buffers.input(to_float(b)), c, {});
  compare_truncated("gemm by warpgroups on " + where, buffers.read(c),
                    expect(product(s, ta, tb), product(s, absolute(ta), absolute(tb))),
                    expect(product(s, a, b), product(s, absolute(a), absolute(b))),
                    tolerance::gemm);
}

}  // namespace

TEST_CASE("math modes: the contractions of conv", "[conv]") {
  on_each_mode([](const Mode& mode, const std::string& where) {
    check_conv(conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 5, 7, 9, 4, 4, 2, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 5, 3, 7, 3, 3, 2, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 5, 9, 1, 3, 3, 1, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 11, 1, 8, 3, 3, 1, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 5, 12, 3, 4, 4, 2, 1), mode, where, tolerance::conv);
    // Large tiles, a ring of slices that goes round, groups, dilation, uneven pads.
    check_conv(conv_shape(1, 9, 9, 36, 72, 3, 3, 1, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 6, 5, 32, 48, 3, 3, 1, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(1, 7, 5, 48, 32, 4, 4, 2, 1), mode, where, tolerance::conv);
    check_conv(conv_shape(2, 9, 8, 33, 31, 4, 4, 2, 1), mode, where, tolerance::conv);
    ConvShape odd = conv_shape(2, 7, 6, 16, 24, 3, 3, 2);
    odd.groups = 2, odd.dilation_h = 2, odd.pad_top = 2, odd.pad_right = 3;
    check_conv(odd, mode, where, tolerance::conv);
    if (where.starts_with("emulated")) return;
    check_conv(conv_shape(2, 17, 15, 33, 35, 3, 3, 1, 1), mode, where,
               tolerance::minimal_filtering);
  });
}

TEST_CASE("math modes: a prologue comes before the rounding", "[conv]") {
  on_each_mode([](const Mode& mode, const std::string& where) {
    const ConvShape s = conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1);
    ConvSetup t(s, where, tolerance::conv);
    DArray shaped = t.x;
    for (std::size_t i = 0; i < t.x.v.size(); ++i) {
      t.x.v[i] = std::round(64 * t.x.v[i]) / 64;  // exact through the prologue
      shaped.v[i] = std::max(0., 2 * t.x.v[i] + 0.5);
    }
    const DArray x = rounded(shaped, mode.digits), w = rounded(t.w, mode.digits);
    Sentinels buffers(t.where);
    float* y = buffers.output(t.y_count());
    const kernels::Prologue prologue{.scale = buffers.input(std::vector<float>(8, 2.0f)),
                                     .shift = buffers.input(std::vector<float>(8, 0.5f)),
                                     .activation = kernels::Activation::leaky_relu};
    kernels::conv2d(current_stream(), s, buffers.input(to_float(t.x)), buffers.input(to_float(t.w)),
                    y, prologue, {});
    compare("conv2d with a prologue " + t.where, buffers.read(y),
            expect(conv2d_oracle(s, x, w), conv2d_oracle(s, absolute(x), absolute(w))),
            tolerance::conv);
  });
}

TEST_CASE("math modes: gemm", "[gemm]") {
  on_each_mode([](const Mode& mode, const std::string& where) {
    for (const GemmShape& s : {GemmShape{1, 31, 7}, {67, 65, 33}, {20, 36, 44, false, true}})
      check_gemm(s, mode, where);
    for (const bool a : {false, true})
      for (const bool b : {false, true}) {
        check_gemm({132, 68, 76, a, b}, mode, where);  // large tiles, in fours
        check_gemm({65, 131, 37, a, b}, mode, where);  // the same, not in fours
        check_gemm({7, 9, 1029, a, b}, mode, where);   // split along k
      }
  });
}

TEST_CASE("math modes: round to nearest, ties to even", "[gemm]") {
  // 1 + ulp/2 is a tie that goes down, 1 + 3 ulp/2 one that goes up, 1 + ulp/2 + 2^-22 is none.
  on_each_mode([](const Mode& mode, const std::string& where) {
    INFO(where);
    const double ulp = std::ldexp(1.0, 1 - mode.digits);
    DArray x({4, 1});
    x.v = {1.0 + ulp / 2, 1.0 + 1.5 * ulp, 1.0 + ulp / 2 + 0x1p-22, -3.0};
    const std::vector<float> want{1.0f, static_cast<float>(1.0 + 2 * ulp),
                                  static_cast<float>(1.0 + ulp), -3.0f};
    Sentinels buffers("ties on " + where);
    // Few columns and many take different kernels.
    for (const std::int64_t columns : {1, 8}) {
      float* y = buffers.output(4 * columns);
      kernels::gemm(current_stream(), {4, columns, 1}, buffers.input(to_float(x)),
                    buffers.input(std::vector<float>(std::size_t(columns), 1.0f)), y, {});
      const std::vector<float> got = buffers.read(y);
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == want[i / std::size_t(columns)]);
    }
  });
}

TEST_CASE("math modes: conv by warpgroups", "[conv]") {
  on_each_warpgroup_plan([](const ProductPlan& plan, const std::string& where) {
    check_conv_by_warpgroups(conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1), plan, where);
    check_conv_by_warpgroups(conv_shape(2, 9, 8, 32, 20, 4, 4, 2, 1), plan, where);
    // Several tiles each way, the last ones not full; a ring of slices that goes round.
    check_conv_by_warpgroups(conv_shape(1, 17, 17, 12, 132, 2, 2, 1, 1), plan, where);
    check_conv_by_warpgroups(conv_shape(1, 5, 5, 36, 7, 3, 3, 1, 1), plan, where);
    ConvShape odd = conv_shape(2, 7, 6, 16, 24, 3, 3, 2);
    odd.groups = 2, odd.dilation_h = 2, odd.pad_top = 2, odd.pad_right = 3;
    check_conv_by_warpgroups(odd, plan, where);
  });
}

TEST_CASE("math modes: gemm by warpgroups", "[gemm]") {
  on_each_warpgroup_plan([](const ProductPlan& plan, const std::string& where) {
    for (const GemmShape& s : {GemmShape{1, 5, 4, false, true},
                               {20, 36, 44, false, true},
                               {260, 131, 36, false, true},
                               {7, 9, 1028, false, true}})
      check_gemm_by_warpgroups(s, plan, where);
  });
}

TEST_CASE("math modes: warpgroups truncate, and finish as other products do", "[gemm]") {
  on_each_warpgroup_plan([](const ProductPlan& plan, const std::string& where) {
    INFO(where);
    const double ulp = 0x1p-10;
    DArray x({4, 4});
    for (int i = 0; i < 4; ++i) x.v[4 * i] = 1.0 + i * ulp + 0.75 * ulp;
    x.v[12] = -x.v[12];
    constexpr std::int64_t columns = 8;
    DArray w({columns, 4});
    for (std::int64_t i = 0; i < columns; ++i) w[4 * i] = 1.0;
    const std::vector<float> bias(columns, 0.5f),
        want{1.5f, static_cast<float>(1.5 + ulp), static_cast<float>(1.5 + 2 * ulp),
             static_cast<float>(-0.125 * (0.5 + 3 * ulp))};
    const GemmShape shape{4, columns, 4, false, true};
    force({.contraction = Contraction::product_bt, .gemm = shape}, plan);
    Sentinels buffers("truncation on " + where);
    float* y = buffers.output(4 * columns);
    kernels::gemm(current_stream(), shape, buffers.input(to_float(x)), buffers.input(to_float(w)),
                  y,
                  {.bias = buffers.input(bias),
                   .activation = kernels::Activation::leaky_relu,
                   .slope = 0.125f});
    const std::vector<float> got = buffers.read(y);
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == want[i / columns]);
  });
}
