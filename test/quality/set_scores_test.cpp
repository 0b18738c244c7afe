#include <catch2/catch.hpp>
#include <chrono>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/set_scores.h>

using namespace ganymede;
using namespace ganymede::quality;

namespace {

Features uniform(const std::string& path, int n, int d) {
  HostRng rng(2, path);
  std::vector<double> values;
  for (int i = 0; i < n * d; ++i) values.push_back(rng.uniform());
  return {std::span<const double>(values), n, d};
}

bool says(const SetScores& scores, const std::string& words) {
  return scores.in_words().find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("all measures of one space, each with features, dims, counts and resize") {
  const auto real = uniform("real", 60, 8), fake = uniform("fake", 70, 8);
  SetScoreOptions options;
  options.frechet.replicates = 20;
  const auto scores = set_scores(real, fake, "raw pixels", "none", {}, {}, options);
  REQUIRE((scores.frechet && scores.kid && scores.manifold && scores.density));
  CHECK(scores.refusal.empty());
  CHECK(scores.frechet->distance == frechet_distance(real, fake));
  CHECK(scores.kid->mean == kid(real, fake).mean);
  CHECK(scores.manifold->recall == precision_recall(real, fake).recall);
  CHECK(scores.density->coverage == density_coverage(real, fake).coverage);
  CHECK(
      says(scores, "Frechet distance on raw pixels, d = 8, 60 real against 70 fakes, resize none"));
  CHECK(says(scores, "KID on raw pixels, d = 8"));
  CHECK(says(scores, "between 100 subsets of 60"));
  CHECK_FALSE(says(scores, "FID"));
  CHECK(says(set_scores(real, uniform("fake", 60, 8), "raw pixels", "none", {}, {}, options),
             "all 60 of both"));
}

TEST_CASE("below 50 images the reason, and what neighbours still tell") {
  const auto scores = set_scores(uniform("real", 49, 8), uniform("fake", 70, 8), "x", "none");
  CHECK_FALSE(scores.frechet);
  CHECK_FALSE(scores.kid);
  CHECK(scores.manifold);
  CHECK(says(scores, "no Frechet distance and no KID: 49 images against 70"));
  const auto four = set_scores(uniform("real", 4, 8), uniform("fake", 70, 8), "x", "none");
  CHECK((four.manifold && !four.density));
  CHECK_THROWS_AS(set_scores(uniform("real", 1, 8), uniform("fake", 70, 8), "x", "none"),
                  DataError);
  CHECK_THROWS_AS(set_scores(uniform("real", 60, 8), uniform("fake", 70, 9), "x", "none"),
                  ShapeError);
}

TEST_CASE("all measures of 1,341 against 1,341 images at 2,048 dims", "[.full]") {
  const auto real = uniform("real", 1341, 2048), fake = uniform("fake", 1341, 2048);
  const auto start = std::chrono::steady_clock::now();
  const auto scores = set_scores(real, fake, "uniform numbers", "none");
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  WARN(seconds << " s\n" << scores.in_words());
  CHECK(seconds < 150);
  CHECK(scores.frechet->fewer_than_dims());
  CHECK(scores.frechet->extrapolated < scores.frechet->distance);
}
