// The Frechet distance by kernels: polar iterations in double on each backend, against Eigen's
// decompositions, scipy's values, and sets whose distance is known.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/frechet_device.h>
#include <ganymede/models/quality/polar.h>

#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::quality;
using test::on_each_backend;

namespace {

/// Normal draws; column j is scaled by `decay` to the power of j / (d - 1).
struct Draw {
  int n, d;
  double decay = 1, shift = 0;
  int rank = 0;  ///< where above 0, products of rank normals
};

std::vector<float> drawn(const std::string& path, const Draw& s) {
  HostRng rng(11, path), mixing(11, "mixing");
  const int inner = s.rank > 0 ? s.rank : s.d;
  std::vector<double> mix;
  for (int i = 0; i < s.rank * s.d; ++i) mix.push_back(mixing.normal());
  std::vector<float> values;
  std::vector<double> row(static_cast<std::size_t>(inner));
  for (int i = 0; i < s.n; ++i) {
    for (double& v : row) v = rng.normal();
    for (int j = 0; j < s.d; ++j) {
      double value = s.rank > 0 ? 0 : row[std::size_t(j)];
      for (int k = 0; k < s.rank; ++k) value += row[std::size_t(k)] * mix[std::size_t(k * s.d + j)];
      const double scale = std::pow(s.decay, double(j) / std::max(1, s.d - 1));
      values.push_back(static_cast<float>(scale * value + s.shift));
    }
  }
  return values;
}

double by_eigen(const std::vector<float>& a, const std::vector<float>& b, int d) {
  const auto set = [d](const std::vector<float>& v) {
    return Features(std::span<const float>(v), int(v.size()) / d, d);
  };
  return frechet_distance(set(a), set(b));
}

DeviceFrechet by_polar(const std::vector<float>& a, const std::vector<float>& b, int d) {
  return frechet_by_polar(Tensor::from(a, {std::int64_t(a.size()) / d, d}),
                          Tensor::from(b, {std::int64_t(b.size()) / d, d}));
}

void check(const Draw& a, const Draw& b, double epsilon) {
  INFO(a.n << " against " << b.n << " images of " << a.d << " dims, decay " << a.decay << ", rank "
           << a.rank);
  const auto x = drawn("a", a), z = drawn("b", b);
  const DeviceFrechet got = by_polar(x, z, a.d);
  CHECK(got.refusal == "");
  CHECK(got.steps > 0);
  CHECK(got.distance == Approx(by_eigen(x, z, a.d)).epsilon(epsilon));
}

/// As in frechet.cpp: integers over 8.
std::vector<float> eighths(int n, int d, int k) {
  std::vector<float> values;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j)
      values.push_back(float((i * 7 + j * 13 + k * 5 + (i * j) % 11 + (i * i) % 7) % 17) / 8);
  return values;
}

}  // namespace

TEST_CASE("frechet distance by kernels: scipy's distances, more and fewer images than dims",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const auto distance = [](int n, int m, int d) {
      return by_polar(eighths(n, d, 0), eighths(m, d, 3), d).distance;
    };
    CHECK(distance(5, 8, 20) == distance(5, 8, 20));  // the same bits
    CHECK(distance(40, 50, 6) == Approx(0.28081553057000175).epsilon(1e-10));
    CHECK(distance(5, 8, 20) == Approx(7.819356846710244).epsilon(1e-10));
    CHECK(distance(40, 6, 12) == Approx(3.613974350971403).epsilon(1e-10));
  });
}

TEST_CASE("frechet distance by kernels: Eigen's distances at prime and degenerate extents",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    check({2, 1}, {3, 1, 1, 3}, 1e-10);
    check({2, 13}, {3, 13}, 1e-10);
    check({11, 11}, {11, 11}, 1e-10);
    check({13, 5}, {71, 5}, 1e-10);
    check({5, 67}, {7, 67}, 1e-10);
  });
}

TEST_CASE("frechet distance by kernels: Eigen's distances where a covariance has no full rank",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    check({23, 17, 1, 0, 4}, {19, 17, 1, 0, 4}, 1e-9);  // the same 4 of 17 directions
    check({11, 17, 1, 0, 2}, {19, 17}, 1e-9);
  });
}

#if !defined(GANYMEDE_EMULATED)
TEST_CASE(
    "frechet distance by kernels: Eigen's distances of hundreds of images, on the CPU's bodies",
    "[frechet]") {
  // Features far from 0, and spectra down to a millionth (variances down to 1e-12 of the largest).
  check({300, 100, 1, 1000}, {200, 100, 1, 1000}, 1e-9);
  check({300, 100, 1e-6}, {200, 100, 1e-6}, 1e-9);
  check({100, 300, 1e-3}, {120, 300, 1e-3}, 1e-9);
  check({60, 100}, {500, 100}, 1e-9);
  check({131, 130}, {131, 130, 1, .1}, 1e-9);
}
#endif

TEST_CASE("frechet distance by kernels: no distance from itself, constant features, a shift",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const auto a = drawn("a", {30, 7});
    auto shifted = a;
    for (float& value : shifted) value += .5f;
    CHECK(by_polar(a, a, 7).distance == Approx(0).margin(1e-9));
    CHECK(by_polar(a, shifted, 7).distance == Approx(7 * .25).epsilon(1e-6));  // float's rounding
    const std::vector<float> ones(12, 1.f), threes(20, 3.f);
    CHECK(by_polar(ones, threes, 4).distance == Approx(16));
    CHECK(by_polar(ones, threes, 4).refusal == "");
    CHECK(by_polar(ones, drawn("b", {9, 4}), 4).distance ==
          Approx(by_eigen(ones, drawn("b", {9, 4}), 4)));
  });
}

TEST_CASE("frechet distance, the one function: kernels on a CUDA stream, Eigen on the CPU",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const auto a = drawn("a", {20, 6}), b = drawn("b", {9, 6});
    const DeviceFrechet got = frechet_distance(Tensor::from(a, {20, 6}), Tensor::from(b, {9, 6}));
    CHECK(got.refusal == "");
    if (current_stream().device().kind == DeviceKind::cpu) {
      CHECK(got.steps == 0);
      CHECK(got.distance == by_eigen(a, b, 6));
    } else {
      CHECK(got.steps > 0);
      CHECK(got.distance == by_polar(a, b, 6).distance);
    }
  });
}

TEST_CASE("frechet distance: what the kernels cannot do the host does, and it is said",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    auto a = drawn("a", {9, 4}), b = drawn("b", {7, 4});
    for (auto* set : {&a, &b})
      for (float& value : *set) value *= 1e-42f;  // fourth powers of products of features vanish
    const DeviceFrechet tiny = by_polar(a, b, 4);
    CHECK(tiny.refusal.find("did not converge") != std::string::npos);
    CHECK(tiny.distance == by_eigen(a, b, 4));
    CHECK(tiny.distance > 0);
    a = drawn("a", {9, 4}), b = drawn("b", {7, 4});
    a[5] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(by_polar(a, b, 4), DataError);
    a[5] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_AS(by_polar(a, b, 4), DataError);
  });
}

TEST_CASE("frechet distance by kernels: features that carry no distance are refused", "[frechet]") {
  const auto zeros = [](const Shape& shape) { return Tensor::zeros(shape); };
  CHECK_THROWS_AS(frechet_by_polar(zeros({4, 3}), zeros({4, 2})), ShapeError);
  CHECK_THROWS_AS(frechet_by_polar(zeros({4, 3}), zeros({1, 3})), DataError);
  CHECK_THROWS_AS(frechet_by_polar(zeros({4, 0}), zeros({4, 0})), ShapeError);
  CHECK_THROWS_AS(frechet_distance(zeros({4, 3, 1}), zeros({4, 3, 1})), ShapeError);
  CHECK_THROWS_AS(frechet_distance(Tensor::zeros({4, 3}, DType::i32), zeros({4, 3})), UsageError);
}

TEST_CASE("frechet distance: features of an extractor stay on the device", "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const auto a = drawn("a", {13, 12}), b = drawn("b", {9, 12});
    const auto pixels = pixel_features({2, 3, 2});
    const Tensor real = pixels->features_on_device(Tensor::from(a, {13, 2, 3, 2})),
                 fake = pixels->features_on_device(Tensor::from(b, {9, 2, 3, 2}));
    CHECK(real.device() == current_stream().device());
    CHECK(real.host() == a);
    CHECK(frechet_distance(real, fake).distance == Approx(by_eigen(a, b, 12)).epsilon(1e-10));
  });
}

// ---- the iteration itself ---------------------------------------------------------------------

TEST_CASE("polar steps bring all of [least, 1] to 1 and nothing beyond it", "[frechet]") {
  for (const double least : {1., .9, 1e-3, 1e-7, 1e-14}) {
    const auto steps = polar_steps(least);
    CHECK(steps.size() <= 3 + std::size_t(std::ceil(std::log(1 / least) / std::log(2.59)) + 5));
    for (int i = 0; i <= 4000; ++i) {
      double x = std::pow(least, i / 4000.), smaller = x * 1e-3 * least;
      for (const PolarStep& s : steps) {
        x *= s.first + s.third * x * x;
        smaller *= s.first + s.third * smaller * smaller;
        if (!(x <= 1 + 1e-12 && x > 0 && smaller >= 0)) FAIL_CHECK(least << ": " << x);
      }
      if (!(std::abs(x - 1) < 1e-12)) FAIL_CHECK(least << ": " << x);
    }
  }
}

TEST_CASE("a polar factor has orthonormal columns, and the sum of the singular values is known",
          "[frechet]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    // Columns of two reflections with singular values 3, 1e-4 and 0 between them.
    Stream& stream = current_stream();
    const int rows = 19, columns = 3;
    const double sigma[3] = {3, 1e-4, 0};
    std::vector<double> values;
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) {
        double sum = 0;
        for (int k = 0; k < columns; ++k)
          sum += ((i == k) - 2. / rows) * sigma[k] * ((j == k) - 2. / columns);
        values.push_back(sum);
      }
    const DeviceMatrix a(stream, rows, columns);
    copy_to_device(stream, a.data(), values.data(), values.size() * sizeof(double));
    const Polar p = polar(stream, a);
    CHECK(p.converged());
    CHECK(p.nuclear_norm == Approx(3.0001).epsilon(1e-12));
    CHECK_THROWS_AS(polar(stream, DeviceMatrix(stream, 3, 4)), ShapeError);
  });
}
