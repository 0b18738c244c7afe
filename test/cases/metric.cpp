#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/random.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/metric.h>

#include "test/backends.h"
#include "test/case.h"
#include "test/places.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::SsimShape;

Shape image_shape(const SsimShape& s) { return {s.batch, s.height, s.width, s.channels}; }

/// One window by its definition: moments around the means.
double window_ssim(const SsimShape& s, const DArray& x, const DArray& z, std::int64_t corner) {
  const auto weights = kernels::ssim_weights();
  const auto sum = [&](const auto& term) {
    double total = 0.0;
    for (std::size_t r = 0; r < 11; ++r)
      for (std::size_t c = 0; c < 11; ++c)
        total += weights[r] * weights[c] *
                 term(corner + (std::int64_t(r) * s.width + std::int64_t(c)) * s.channels);
    return total;
  };
  const double mx = sum([&](std::int64_t i) { return x[i]; });
  const double mz = sum([&](std::int64_t i) { return z[i]; });
  const double spread =
      sum([&](std::int64_t i) { return (x[i] - mx) * (x[i] - mx) + (z[i] - mz) * (z[i] - mz); });
  const double together = sum([&](std::int64_t i) { return (x[i] - mx) * (z[i] - mz); });
  return (2 * mx * mz + s.c1()) * (2 * together + s.c2()) /
         ((mx * mx + mz * mz + s.c1()) * (spread + s.c2()));
}

Oracle ssim_oracle(const SsimShape& s) {
  return [s](const DArrays& in) {
    DArray y({s.batch});
    for (int n = 0; n < s.batch; ++n)
      for (int p = 0; p < s.out_height(); ++p)
        for (int i = 0; i < s.out_width() * s.channels; ++i) {
          const std::int64_t row = (std::int64_t{n} * s.height + p) * s.width;
          y[n] += window_ssim(s, in[0], in[1], row * s.channels + i) / double(s.windows());
        }
    return y;
  };
}

void check_ssim(const SsimShape& s, double low, double high) {
  check({"ssim, " + to_string(image_shape(s)) + ", range " + std::to_string(s.range),
         {{image_shape(s), low, high}, {image_shape(s), low, high}},
         [f = s.range](const Vars& in) { return ssim(in[0], in[1], f); },
         ssim_oracle(s),
         Bound::largest,
         tolerance::ssim});
}

}  // namespace

TEST_CASE("ssim: values and derivatives", "[metric]") {
  check_ssim({1, 11, 11, 1}, 0.0, 1.0);
  check_ssim({2, 13, 12, 1}, 0.0, 1.0);
  check_ssim({1, 11, 13, 3}, -1.0, 1.0);
  check_ssim({1, 12, 11, 2, 4.0f}, 0.0, 4.0);
}

namespace {

/// x's gradient by definition: each window's slopes, spread over its pixels.
Expected ssim_grad_oracle(const SsimShape& s, const DArray& x, const DArray& z, const DArray& gy) {
  const auto weights = kernels::ssim_weights();
  DArray gx(x.shape), terms(x.shape);
  for (std::int64_t i = 0; i < s.batch * s.windows(); ++i) {
    const std::int64_t image = i / s.windows(), row = std::int64_t{s.out_width()} * s.channels;
    const std::int64_t p = i % s.windows() / row;
    const std::int64_t corner = (image * s.height + p) * s.width * s.channels + i % row;
    const auto for_pixels = [&](const auto& body) {
      for (std::size_t r = 0; r < 11; ++r)
        for (std::size_t c = 0; c < 11; ++c)
          body(weights[r] * weights[c],
               corner + (std::int64_t(r) * s.width + std::int64_t(c)) * s.channels);
    };
    double mx = 0.0, mz = 0.0, spread = s.c2(), together = 0.0, products = s.c2();
    for_pixels([&](double w, std::int64_t at) { mx += w * x[at], mz += w * z[at]; });
    for_pixels([&](double w, std::int64_t at) {
      const double a = x[at] - mx, b = z[at] - mz;
      spread += w * (a * a + b * b), together += w * a * b, products += 2 * w * std::abs(a * b);
    });
    const double norm = mx * mx + mz * mz + s.c1(), luminance = (2 * mx * mz + s.c1()) / norm;
    const double structure = (2 * together + s.c2()) / spread;
    const double factor = gy[image] / double(s.windows());
    for_pixels([&](double w, std::int64_t at) {
      const double mean = 2 / norm, deviation = 2 * luminance / spread;
      const double a = x[at] - mx, b = z[at] - mz;
      gx[at] +=
          factor * w * (mean * structure * (mz - mx * luminance) + deviation * (b - structure * a));
      terms[at] += std::abs(factor) * w *
                   (mean * products / spread * (std::abs(mz) + std::abs(mx) * luminance) +
                    deviation * (std::abs(b) + products / spread * std::abs(a)));
    });
  }
  return expect(gx, terms);
}

void check_kernels(const SsimShape& s, const std::string& backend) {
  const std::string what = "ssim " + to_string(image_shape(s)) + " on " + backend;
  TestRng rng(59);
  const Shape shape = image_shape(s);
  const DArray x = rng.array(shape, 0.0, 1.0), z = rng.array(shape, 0.0, 1.0),
               gy = rng.array({s.batch});
  Sentinels buffers(what);
  const float *in_x = buffers.input(to_float(x)), *in_z = buffers.input(to_float(z)),
              *g = buffers.input(to_float(gy));
  float *y = buffers.output(s.batch), *gx = buffers.output(shape.elements()),
        *gz = buffers.output(shape.elements());
  Stream& stream = current_stream();
  kernels::ssim(stream, s, in_x, in_z, y);
  compare(what, buffers.read(y), expect(ssim_oracle(s)({x, z}), DArray({s.batch}, 1.0)),
          tolerance::ssim);
  kernels::ssim_grad(stream, s, in_x, in_z, g, gx, gz);
  compare(what + ", gradient", buffers.read(gx), ssim_grad_oracle(s, x, z, gy), tolerance::ssim);
  // By symmetry z's gradient is x's of the exchanged pair.
  float *swapped = buffers.output(shape.elements()), *alone = buffers.output(shape.elements());
  kernels::ssim_grad(stream, s, in_z, in_x, g, swapped, nullptr);
  kernels::ssim_grad(stream, s, in_x, in_z, g, alone, nullptr);
  CHECK(buffers.read(alone) == buffers.read(gx));
  compare(what + ", exchanged", buffers.read(swapped),
          expect(to_double(buffers.read(gz), shape), DArray(shape, 1.0 / double(s.windows()))),
          tolerance::ssim);
}

}  // namespace

TEST_CASE("ssim: extents, optional outputs and guards", "[metric]") {
  on_each_backend([](const std::string& backend) {
    check_kernels({1, 11, 11, 1}, backend);
    check_kernels({3, 13, 11, 2}, backend);
    check_kernels({1, 11, 29, 1}, backend);
    check_kernels({2, 31, 17, 3}, backend);
    check_kernels({1, 44, 76, 1}, backend);  // of windows and of pixels several tiles either way
    check_kernels({2, 27, 43, 2}, backend);  // the last tile: a row, a column
  });
}

TEST_CASE("ssim: an image with itself is 1, and that is the maximum", "[metric]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(61);
    const Shape shape{2, 12, 13, 1};
    const Tensor image = Tensor::from(to_float(rng.array(shape, 0.0, 1.0)), shape);
    const Var x = Var::leaf(image);
    const Var y = ssim(x, image.clone());
    for (const float value : y.value().host()) CHECK(value == Approx(1.0f).epsilon(1e-6));
    for (const float slope : grad(y, {x})[0].value().host())
      CHECK(slope == Approx(0.0f).margin(1e-5));
  });
}

TEST_CASE("ssim: flat and nearly flat images keep their digits", "[metric]") {
  // Two bright grounds with a step of 1/1024: variances far below c2, sums of squares near 1.
  on_each_backend([](const std::string& backend) {
    const SsimShape s{1, 13, 11, 1};
    DArray x(image_shape(s)), z(image_shape(s));
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      x[i] = 0.96875 + (i % 11 > 5 ? 0x1p-10 : 0.0);
      z[i] = 0.9375 + (i % 3 > 1 ? 0x1p-10 : 0.0);
    }
    const auto tensor = [](const DArray& a) { return Tensor::from(to_float(a), a.shape); };
    compare("ssim of flat images on " + backend, ssim(tensor(x), tensor(z)).value().host(),
            expect(ssim_oracle(s)({x, z}), DArray({1}, 1.0)), 8.0);
  });
}

namespace {

/// Values, and where asked gradients, of four shades `step` apart on a ground that an oblique edge
/// changes: small variances beside large differences, in several tiles.
void check_shades(double ground, double step, bool gradients, const std::string& backend) {
  const SsimShape s{1, 40, 50, 1};
  TestRng rng(71);
  DArray x = rng.array(image_shape(s), 0.0, 1.0), z = rng.array(image_shape(s), 0.0, 1.0);
  const DArray gy({1}, 1.0);
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const double edge = i % 50 + i / 50 / 3 > 33 ? 0.75 : 0.0;
    x[i] = ground + edge + step * std::floor(4 * x[i]);
    z[i] = ground + edge + step * std::floor(4 * z[i]);
  }
  const std::string what = "ssim on " + backend + ", ground " + std::to_string(ground);
  Sentinels buffers(what);
  const float *in_x = buffers.input(to_float(x)), *in_z = buffers.input(to_float(z)),
              *g = buffers.input(to_float(gy));
  float *y = buffers.output(1), *gx = buffers.output(x.elements());
  kernels::ssim(current_stream(), s, in_x, in_z, y);
  compare(what, buffers.read(y), expect(ssim_oracle(s)({x, z}), DArray({1}, 1.0)), 8.0);
  kernels::ssim_grad(current_stream(), s, in_x, in_z, g, gx, nullptr);
  if (gradients)
    compare(what + ", gradient", buffers.read(gx), ssim_grad_oracle(s, x, z, gy), tolerance::ssim);
}

}  // namespace

TEST_CASE("ssim: bright grounds and sharp edges keep their digits", "[metric]") {
  // Values are of deviations, which are exact however bright the ground; gradients have the
  // windows' rounded means beside them, and ask for shades further apart.
  on_each_backend([](const std::string& backend) {
    for (const double ground : {0.0, 0.875, 1000.0}) check_shades(ground, 0x1p-10, false, backend);
    for (const double ground : {0.0, 0.875}) check_shades(ground, 0x1p-5, true, backend);
  });
}

TEST_CASE("ssim: a NaN shows in its image alone, in value and gradient", "[metric][nan]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    TestRng rng(67);
    const Shape shape{2, 11, 12, 1};
    std::vector<float> values = to_float(rng.array(shape, 0.0, 1.0));
    const Tensor partner = Tensor::from(values, shape);
    values.back() = std::numeric_limits<float>::quiet_NaN();
    const Var x = Var::leaf(Tensor::from(values, shape));
    const Var y = ssim(x, partner);
    const auto likeness = y.value().host(), slope = grad(y, {x})[0].value().host();
    CHECK(likeness[0] == Approx(1.0f));
    CHECK(std::isnan(likeness[1]));
    CHECK(std::none_of(slope.begin(), slope.begin() + 132, [](float g) { return std::isnan(g); }));
    CHECK(std::isnan(slope.back()));
  });
}

TEST_CASE("ssim: what does not fit is refused", "[metric][errors]") {
  const auto zeros = [](const Shape& shape) { return Var(Tensor::zeros(shape)); };
  CHECK_THROWS_AS(ssim(zeros({1, 10, 11, 1}), zeros({1, 10, 11, 1})), ShapeError);
  CHECK_THROWS_AS(ssim(zeros({1, 11, 10, 1}), zeros({1, 11, 10, 1})), ShapeError);
  CHECK_THROWS_AS(ssim(zeros({1, 11, 11, 1}), zeros({1, 11, 11, 3})), ShapeError);
  CHECK_THROWS_AS(ssim(zeros({0, 11, 11, 1}), zeros({0, 11, 11, 1})), ShapeError);
  CHECK_THROWS_AS(ssim(zeros({11, 11}), zeros({11, 11})), ShapeError);
  CHECK_THROWS_AS(ssim(zeros({1, 11, 11, 1}), zeros({1, 11, 11, 1}), 0.0f), SettingError);
}

// ---- an independent implementation: test/golden/ssim.py, numpy in double ----------------------

namespace {

struct GoldenPair {
  std::string x, z;
  float range;
  double ssim;
};

std::vector<GoldenPair> golden_pairs() {
  std::ifstream in(source_folder() / "test/golden/ssim.csv");
  REQUIRE(in);
  std::vector<GoldenPair> pairs;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    GoldenPair pair;
    std::string range, value;
    std::getline(cells, pair.x, ','), std::getline(cells, pair.z, ',');
    std::getline(cells, range, ','), std::getline(cells, value, ',');
    pair.range = std::stof(range), pair.ssim = std::stod(value);
    pairs.push_back(pair);
  }
  return pairs;
}

/// The upper left height x width pixels, 0 -> 0 and full scale -> range.
Tensor cut(const Image& image, int height, int width, float range) {
  std::vector<float> values;
  for (int r = 0; r < height; ++r)
    for (int c = 0; c < width; ++c)
      for (int channel = 0; channel < image.channels(); ++channel)
        values.push_back(static_cast<float>(image.at(r, c, channel)) /
                         static_cast<float>(image.max_value()) * range);
  return Tensor::from(values, {1, height, width, image.channels()});
}

double ssim_of_files(const std::string& x, const std::string& z, float range) {
  const Image a = drop_alpha(read_image(x)), b = drop_alpha(read_image(z));
  const int height = std::min(a.height(), b.height()), width = std::min(a.width(), b.width());
  return double{
      ssim(cut(a, height, width, range), cut(b, height, width, range), range).value().item()};
}

/// "head-ct-hemorrhage/head_ct/000.png" where the sets are; "" where they are not.
std::string real_file(const std::string& name) {
  const auto slash = name.find('/');
  const std::string set = real_data(name.substr(0, slash));
  return set.empty() ? "" : set + name.substr(slash);
}

/// x from the engine's numbers and z = .75 x + .25 other numbers; extents as in "13x17x3".
double ssim_of_drawn(const std::string& extents) {
  std::istringstream in(extents);
  int height = 0, width = 0, channels = 0;
  char by = 0;
  in >> height >> by >> width >> by >> channels;
  const Shape shape{1, height, width, channels};
  Rng rng(7, "ssim");
  const Var x = rng.child("x").uniform(shape), z = rng.child("z").uniform(shape);
  return double{ssim(x, combine(x, 0.75f, z, 0.25f)).value().item()};
}

}  // namespace

TEST_CASE("ssim: numpy's values of drawn pairs", "[metric]") {
  on_each_backend([](const std::string& backend) {
    for (const GoldenPair& pair : golden_pairs()) {
      if (pair.x != "drawn") continue;
      INFO(backend << ", " << pair.z);
      CHECK(ssim_of_drawn(pair.z) == Approx(pair.ssim).margin(1e-5).epsilon(0));
    }
  });
}

TEST_CASE("ssim: numpy's values of real pairs", "[metric]") {
  const auto pairs = golden_pairs();
  REQUIRE(pairs.size() == 10);
  if (real_file(pairs.front().x).empty() || real_file(pairs[6].x).empty()) {
    WARN("skipped: no real data; set GANYMEDE_TEST_DATA");
    return;
  }
  on_each_backend([&](const std::string& backend) {
    for (const GoldenPair& pair : pairs) {
      if (pair.x == "drawn") continue;
      INFO(backend << ", " << pair.x << " and " << pair.z);
      const double got = ssim_of_files(real_file(pair.x), real_file(pair.z), pair.range);
      CHECK(got == Approx(pair.ssim).margin(1e-5).epsilon(0));
    }
  });
}
