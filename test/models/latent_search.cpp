// Latent search: finds what a generator made, each query alone, and rests when nothing is won.

#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/search_space.h>

#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

/// G(z) = z A as 4x4 images; f(x) = x: a convex search with a single answer.
SearchSpace plane() {
  Rng rng(3, "plane");
  const Var a(rng.normal({3, 16}));
  return {.latent = 3,
          .generate =
              [a](const Tensor&, const Var& z) {
                return reshape(matmul(z, a), {z.shape()[0], 4, 4, 1});
              },
          .features = [](const Var& x) { return scale(x, 2.0f); }};
}

struct TrainedGan {
  Gan gan{tiny_dcgan(), 4, "gan"};
  SearchSpace space;
  TrainedGan() {
    Rng images(2, "images");
    for (int i = 0; i < 3; ++i) gan.step(images.uniform({4, side, side, 1}, -1.0f, 1.0f));
    space = search_space(gan, "");
  }
};

Tensor queries(int count, std::uint64_t seed) {
  return Tensor::from(slopes(count, 1, seed), {count, side, side, 1});
}

Tensor with_first(const Tensor& first, const Tensor& others) {
  Tensor both = others.clone();
  both.slice(0, 1).copy_from(first.slice(0, 1));
  return both;
}

}  // namespace

TEST_CASE("latent search: the z of an image that the generator made is found") {
  const SearchSpace space = plane();
  Rng rng(7, "truth");
  const Tensor truth = rng.normal({5, 3});
  const Tensor images = space.generate({}, Var(truth)).value();
  const LatentSearchOptions o{
      .feature_weight = 0.3f, .steps = 1500, .batch = 3, .learning_rate = 1e-2f};
  const LatentMatches found = LatentSearch(space, o, 1, "search").run(images);
  REQUIRE(found.matches.size() == 5);
  const auto z = found.z.host(), wanted = truth.host();
  for (std::size_t i = 0; i < z.size(); ++i) CHECK(z[i] == Approx(wanted[i]).margin(0.02));
  for (const LatentMatch& m : found.matches) {
    CHECK(m.discrimination == Approx(2 * m.residual).epsilon(1e-4));
    CHECK(m.score == Approx(0.7 * m.residual + 0.3 * m.discrimination).epsilon(1e-4));
    CHECK(m.residual < 0.5);
  }
}

TEST_CASE("latent search: scores are sums of what the found images say") {
  const OneThread quick;
  TrainedGan trained;
  const Tensor x = queries(3, 9);
  const LatentSearchOptions o{.feature_weight = 0.2f, .steps = 8, .batch = 4};
  const LatentMatches found = LatentSearch(trained.space, o, 1, "search").run(x);
  const Var again(found.images);
  const auto r = sum_samples(abs(sub(again, Var(x)))).value().host();
  const auto d = sum_samples(abs(sub(flatten(trained.space.features(again)),
                                     flatten(trained.space.features(Var(x))))))
                     .value()
                     .host();
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found.matches[i].residual == Approx(r[i]).epsilon(1e-4));
    CHECK(found.matches[i].discrimination == Approx(d[i]).epsilon(1e-3));
  }
}

TEST_CASE("latent search: a query's z does not depend on its batch-mates, to the bit") {
  const OneThread quick;
  TrainedGan trained;
  const LatentSearchOptions o{.steps = 12, .restarts = 2, .batch = 4};
  const Tensor x = queries(4, 9);
  const auto one = LatentSearch(trained.space, o, 1, "search").run(x);
  const auto other = LatentSearch(trained.space, o, 1, "search").run(with_first(x, queries(4, 77)));
  CHECK(one.z.slice(0, 1).host() == other.z.slice(0, 1).host());
  CHECK(one.matches[0].score == other.matches[0].score);
  CHECK(one.z.slice(1, 2).host() != other.z.slice(1, 2).host());
}

TEST_CASE("latent search: a set in pieces gives what it gives at once") {
  const OneThread quick;
  TrainedGan trained;
  const LatentSearchOptions o{.steps = 6, .batch = 2};
  const Tensor x = queries(5, 9);
  const auto whole = LatentSearch(trained.space, o, 1, "search").run(x);
  LatentSearch search(trained.space, o, 1, "search");
  CHECK(search.run(x.slice(4, 5), 4).z.host() == whole.z.slice(4, 5).host());
  CHECK(search.run(x.slice(0, 4)).z.host() == whole.z.slice(0, 4).host());
  CHECK(search.run(x).images.host() == whole.images.host());
}

TEST_CASE("latent search: more restarts are never worse; the best counts") {
  const OneThread quick;
  TrainedGan trained;
  LatentSearchOptions o{.steps = 5, .batch = 3};
  const Tensor x = queries(3, 9);
  const auto one = LatentSearch(trained.space, o, 1, "search").run(x);
  o.restarts = 4;
  const auto four = LatentSearch(trained.space, o, 1, "search").run(x);
  double won = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(four.matches[i].score <= one.matches[i].score);
    won += one.matches[i].score - four.matches[i].score;
  }
  CHECK(won > 0);
}

TEST_CASE("latent search: queries rest where nothing is won any more") {
  const SearchSpace space = plane();
  Rng rng(7, "truth");
  const Tensor images = space.generate({}, Var(rng.normal({2, 3}))).value();
  LatentSearchOptions o{.steps = 4000, .batch = 2, .learning_rate = 1e-2f, .patience = 60};
  int last = 0, looks = 0;
  const auto watch = [&](std::int64_t, int step, double) { last = step, ++looks; };
  const LatentMatches rested = LatentSearch(space, o, 1, "search").run(images, 0, watch);
  CHECK(last < 4000);
  CHECK(looks == last / 25);
  for (const LatentMatch& m : rested.matches) CHECK(m.steps <= last);
  // Long enough to be nearly there.
  o.patience = 0;
  const LatentMatches whole = LatentSearch(space, o, 1, "search").run(images);
  for (std::size_t i = 0; i < 2; ++i) CHECK(rested.matches[i].residual < 1.0);
  for (std::size_t i = 0; i < 2; ++i) CHECK(whole.matches[i].score <= rested.matches[i].score);
}

TEST_CASE("latent search: what is refused") {
  CHECK_THROWS_AS(LatentSearch(plane(), {.feature_weight = 1.5f}, 1, "s"), SettingError);
  CHECK_THROWS_AS(LatentSearch(plane(), {.steps = 0}, 1, "s"), SettingError);
  const auto refused = [](const LatentSearchOptions& o) { LatentSearch(plane(), o, 1, "s"); };
  CHECK_THROWS_WITH(refused({.patience = -1}), Contains("patience = -1"));
  for (float tolerance : {-0.1f, 1.0f, NAN})
    CHECK_THROWS_WITH(refused({.tolerance = tolerance}), Contains("tolerance"));
  CHECK_THROWS_AS(LatentSearch(plane(), {}, 1, "s").run(Tensor::zeros({4, 4})), ShapeError);
  Gan gan(tiny_dcgan(), 4, "gan");
  const Shape input = discriminator_input(gan.options().network, 1);
  CHECK_THROWS_WITH(feature_layers(gan.discriminator(), "conv9", input),
                    Contains("'conv9'") && Contains("conv2d_1"));
  CHECK(feature_layers(gan.discriminator(), "conv2d_1", input) == 3);
}
