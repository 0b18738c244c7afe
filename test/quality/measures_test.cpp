// Against test/golden/measures.csv: every measure by its definition, in numpy and scipy.
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/discriminator_confidence.h>
#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/inception_score.h>
#include <ganymede/models/quality/manifold.h>
#include <ganymede/models/quality/similarity.h>

#include "test/places.h"

using namespace ganymede::quality;
using ganymede::HostRng;

namespace {

constexpr double tolerated = 1e-6;  // relative

struct Row {
  std::string measure;
  int n, m, d;
  double value;
};

std::vector<Row> golden(const std::string& measure) {
  std::ifstream in(ganymede::test::source_folder() / "test/golden/measures.csv");
  std::string line;
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Row row;
    char comma = 0;
    std::getline(fields, row.measure, ',');
    if (row.measure != measure) continue;
    fields >> row.n >> comma >> row.m >> comma >> row.d >> comma >> row.value;
    rows.push_back(row);
  }
  REQUIRE_FALSE(rows.empty());
  return rows;
}

std::string path_of(const std::string& name, int n, int d) {
  return "measures/" + name + "/" + std::to_string(n) + "x" + std::to_string(d);
}

std::vector<double> uniforms(const std::string& path, int n) {
  HostRng rng(11, path);
  std::vector<double> result;
  for (int i = 0; i < n; ++i) result.push_back(rng.uniform());
  return result;
}

/// measures.py's `drawn`.
std::vector<double> drawn(const std::string& name, int n, int d) {
  const auto u = uniforms(path_of(name, n, d), n * d);
  std::vector<double> values;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j)
      values.push_back(u[i * d + j] / double(1 << j % 5) + u[i * d + (j + d - 1) % d] / 2 +
                       (name == "fake" ? j % 3 / 8. : 0));
  return values;
}

Features features(const std::string& name, int n, int d) {
  return {std::span<const double>(drawn(name, n, d)), n, d};
}

Features deficient(const std::string& name, int n, int d) {
  const auto half = drawn(name, n, d / 2);
  std::vector<double> values;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j) values.push_back(half[i * (d / 2) + j % (d / 2)]);
  return {std::span<const double>(values), n, d};
}

std::vector<float> probabilities(int n, int classes) {
  auto u = uniforms(path_of("classes", n, classes), n * classes);
  std::vector<float> result;
  for (int i = 0; i < n; ++i) {
    double sum = 0;
    for (int c = 0; c < classes; ++c)
      sum += u[i * classes + c] = std::pow(u[i * classes + c], 8) + 0x1p-10;
    for (int c = 0; c < classes; ++c) result.push_back(float(u[i * classes + c] / sum));
  }
  return result;
}

struct Pictures {
  Pictures(int h, int w) : height(h), width(w) {
    const auto u = uniforms(path_of("pictures", h, w), h * w + (4 - h * w % 4) % 4 + h * w);
    const int second = h * w + (4 - h * w % 4) % 4;  // numpy's draws begin at whole blocks
    for (int i = 0; i < h * w; ++i) {
      const double x = u[i] / 2 + i / w / 512.;
      a.push_back(float(x));
      b.push_back(float(x * .75 + u[second + i] / 8));
    }
  }
  Picture first() const { return {a, height, width, 1}; }
  Picture other() const { return {b, height, width, 1}; }

  int height, width;
  std::vector<float> a, b;
};

}  // namespace

TEST_CASE("golden: the Frechet distance, with more and with fewer images than dims") {
  for (const auto& [name, n, m, d, value] : golden("frechet")) {
    INFO(n << " against " << m << " images of " << d << " dims");
    CHECK(frechet_distance(features("real", n, d), features("fake", m, d)) ==
          Approx(value).epsilon(tolerated));
  }
  // Fewer images than dims and a covariance of half that rank: paper 003's "NaN", which is none.
  for (const auto& [name, n, m, d, value] : golden("frechet deficient")) {
    INFO(n << " against " << m << " images of " << d << " dims");
    CHECK(frechet_distance(deficient("real", n, d), deficient("fake", m, d)) ==
          Approx(value).epsilon(tolerated));
  }
}

TEST_CASE("golden: KID and its standard error") {
  for (const auto& [name, n, m, d, value] : golden("kid"))
    CHECK(kid(features("real", n, d), features("fake", m, d)).mean ==
          Approx(value).epsilon(tolerated));
  for (const auto& [name, n, m, d, value] : golden("kid standard error"))
    CHECK(kid(features("real", n, d), features("fake", m, d)).standard_error ==
          Approx(value).epsilon(tolerated));
}

TEST_CASE("golden: precision, recall, density, coverage") {
  const auto check = [](const std::string& measure, auto value_of) {
    for (const auto& [name, n, m, d, value] : golden(measure)) {
      INFO(measure << " of " << n << " and " << m << " images of " << d << " dims");
      CHECK(value_of(features("real", n, d), features("fake", m, d)) ==
            Approx(value).epsilon(tolerated));
    }
  };
  check("precision", [](auto real, auto fake) { return precision_recall(real, fake).precision; });
  check("recall", [](auto real, auto fake) { return precision_recall(real, fake).recall; });
  check("density", [](auto real, auto fake) { return density_coverage(real, fake).density; });
  check("coverage", [](auto real, auto fake) { return density_coverage(real, fake).coverage; });
}

TEST_CASE("golden: the Inception score") {
  for (const auto& [name, n, splits, classes, value] : golden("inception score"))
    CHECK(inception_score(probabilities(n, classes), classes, splits).mean ==
          Approx(value).epsilon(tolerated));
  for (const auto& [name, n, splits, classes, value] : golden("inception score sd"))
    CHECK(inception_score(probabilities(n, classes), classes, splits).sd ==
          Approx(value).epsilon(tolerated));
}

TEST_CASE("golden: SSIM and MS-SSIM") {
  for (const auto& [name, h, w, channels, value] : golden("ssim")) {
    const Pictures pictures(h, w);
    CHECK(ssim(pictures.first(), pictures.other(), 1) == Approx(value).epsilon(tolerated));
  }
  for (const auto& [name, h, w, channels, value] : golden("ms-ssim")) {
    INFO(h << "x" << w);
    const Pictures pictures(h, w);
    CHECK(ms_ssim(pictures.first(), pictures.other(), 1) == Approx(value).epsilon(tolerated));
  }
}

TEST_CASE("MS-SSIM has fewer scales in small pictures") {
  const std::vector<int> sides{10, 11, 21, 22, 43, 44, 87, 88, 175, 176, 1024};
  std::vector<int> scales;
  for (const int side : sides) scales.push_back(ms_ssim_scales(side));
  CHECK(scales == std::vector<int>{0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
}

TEST_CASE("similarity over the pairs of a set") {
  const Pictures one(16, 16), two(16, 20);
  std::vector<float> pixels(one.a);
  pixels.insert(pixels.end(), one.b.begin(), one.b.end());
  pixels.insert(pixels.end(), one.a.begin(), one.a.end());
  const ImageSet set{pixels, 3, 16, 16, 1};
  const double other = ssim(one.first(), one.other(), 1);
  const auto all = mean_pairwise_ssim(set, 1);
  CHECK(all.pairs == 3);
  CHECK(all.mean == Approx((2 * other + 1) / 3));
  CHECK(all.sd == Approx((1 - other) / std::sqrt(3)));
  CHECK(mean_pairwise_ms_ssim(set, 1).scales == 1);
  const auto drawn_pairs = mean_pairwise_ssim(set, 1, 2, 5);
  CHECK(drawn_pairs.pairs == 2);
  CHECK(drawn_pairs.mean == mean_pairwise_ssim(set, 1, 2, 5).mean);
  CHECK_THROWS_AS(mean_pairwise_ssim({one.a, 1, 16, 16, 1}, 1), ganymede::DataError);
  CHECK_THROWS_AS(ssim(one.first(), two.first(), 1), ganymede::ShapeError);
  CHECK_THROWS_AS(ssim(Pictures(10, 16).first(), Pictures(10, 16).other(), 1),
                  ganymede::ShapeError);
  CHECK_THROWS_AS(ssim(one.first(), one.other(), 0), ganymede::UsageError);
}

TEST_CASE("equal images are inside by <= and outside by <") {
  // Five images on a line, one apart: the second neighbours of the middle one are 1 away.
  const std::vector<double> line{0, 1, 2, 3, 4}, ends{-1, 5, 20};
  const Features real(std::span<const double>(line), 5, 1),
      fake(std::span<const double>(ends), 3, 1);
  CHECK(precision_recall(real, real, 1).precision == 1);
  // Radii by the nearest other image are 1: -1 and 5 lie exactly on a ball, 20 in none.
  CHECK(precision_recall(real, fake, 1).precision == Approx(2. / 3));
  CHECK(precision_recall(real, fake, 1).recall == 1);  // -1 and 5 are 6 apart, which holds all
  CHECK(density_coverage(real, fake, 1).density == 0);
  CHECK(density_coverage(real, fake, 1).coverage == 0);
  CHECK(density_coverage(real, real, 1).density == Approx(1));  // each in its own ball alone
  CHECK_THROWS_AS(precision_recall(real, fake, 3), ganymede::DataError);
  CHECK_THROWS_AS(density_coverage(real, features("fake", 9, 2)), ganymede::ShapeError);
}

TEST_CASE("the Inception score is 1 without kinds and their number with all") {
  const std::vector<float> same{.5f, .5f, .5f, .5f}, sure{1, 0, 0, 1};
  CHECK(inception_score(same, 2, 1).mean == Approx(1));
  CHECK(inception_score(sure, 2, 1).mean == Approx(2));
  CHECK(inception_score(sure, 2, 2).mean == Approx(1));  // each half has one kind
  const std::vector<float> off{.5f, .6f}, below{-.5f, 1.5f};
  CHECK_THROWS_AS(inception_score(off, 2, 1), ganymede::DataError);
  CHECK_THROWS_AS(inception_score(below, 2, 1), ganymede::DataError);
  CHECK_THROWS_AS(inception_score(sure, 3, 1), ganymede::ShapeError);
  CHECK_THROWS_AS(inception_score(sure, 2, 3), ganymede::DataError);
}

TEST_CASE("discriminator confidence over the last epochs") {
  // 100 iterations in 50 epochs, logged each 10: the last 20 epochs are iterations 61 to 100.
  const std::vector<float> iteration{10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
  const std::vector<float> score{0, 0, 0, 0, 0, 0, .2f, .4f, .6f, .4f};
  const auto last = discriminator_confidence(iteration, score, 50);
  CHECK(last.mean_fake == Approx(.4));
  CHECK(last.entries == 4);
  CHECK(last.epochs == Approx(20));
  CHECK(last.sd == Approx(std::sqrt(.08 / 3)));
  // 12.5 epochs: three entries up to the limit at iteration 75, of which half of the second counts
  CHECK(discriminator_confidence(iteration, score, 50, 12.5).mean_fake ==
        Approx((.5 * .4 + .6 + .4) / 2.5));
  CHECK(discriminator_confidence(iteration, score, 5).epochs == Approx(5));
  CHECK(discriminator_confidence(iteration, score, 5).mean_fake == Approx(.16));
  CHECK_THROWS_AS(discriminator_confidence({}, {}, 5), ganymede::DataError);
  CHECK_THROWS_AS(discriminator_confidence(score, score, 5), ganymede::DataError);
  CHECK_THROWS_AS(discriminator_confidence(iteration, score, 0), ganymede::UsageError);
}
