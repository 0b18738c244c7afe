// A GAN whose generator varies images (paper 002): its losses, its SSIM term, what it samples from.

#include <catch2/catch.hpp>

#include <cmath>
#include <memory>

#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/iagan.h>
#include <ganymede/models/objective.h>
#include <ganymede/models/saved_gan.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"
#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

GanOptions tiny_iagan(SsimTerm ssim = SsimTerm::sample_weight) {
  GanOptions o;
  o.network = {.model = GanModel::iagan64, .size = side, .latent = 3, .width = 8, .slope = 0.2f};
  o.batch = 4;
  o.loss = GanLoss::least_squares;
  o.ssim = ssim;
  o.learning_rate = 4e-4f;
  o.generator_rate = 1e-4f;
  return o;
}

Tensor reals(int count, std::uint64_t seed = 5) {
  return Tensor::from(slopes(count, 1, seed), {count, side, side, 1});
}

}  // namespace

TEST_CASE("least squares, plain and weighted") {
  const Var scores(Tensor::from(std::vector{0.0f, 0.5f, 2.0f}, {3, 1}));
  CHECK(least_squares(scores, 1.0f).value().item() == Approx((1 + 0.25 + 1) / 3));
  const Var weights(Tensor::from(std::vector{1.0f, 2.0f, 0.0f}, {3}));
  CHECK(least_squares(scores, 1.0f, weights).value().item() == Approx((1 + 0.5) / 3));
}

TEST_CASE("dissimilarity is 0 for equal images and (1 - SSIM) / 2 of [0, 1] otherwise") {
  const Var x(reals(3)), y(reals(3, 6));
  for (float v : dissimilarity(x, x).value().host()) CHECK(std::abs(v) < 1e-6f);
  const auto d = dissimilarity(x, y).value().host();
  const auto s = ssim(affine(x, 0.5f, 0.5f), affine(y, 0.5f, 0.5f)).value().host();
  for (std::size_t i = 0; i < d.size(); ++i) CHECK(d[i] == Approx((1 - s[i]) / 2));
}

TEST_CASE("every SSIM term trains both networks and gives losses as defined") {
  const OneThread quick;
  std::vector<std::vector<float>> ends;
  for (SsimTerm term :
       {SsimTerm::none, SsimTerm::sample_weight, SsimTerm::batch_weight, SsimTerm::added}) {
    Gan gan(tiny_iagan(term), 3, "iagan");
    const auto before = parameters(gan.discriminator()).front().value().host();
    gan.step(reals(4));
    const GanLosses now = gan.losses();
    CHECK(now.score_real > 0.0f);
    CHECK(now.score_real < 1.0f);  // probabilities
    CHECK(now.discriminator_real > 0.0f);
    CHECK(now.discriminator_fake > 0.0f);
    if (term != SsimTerm::added) CHECK(now.generator < 1.0f);
    CHECK(parameters(gan.discriminator()).front().value().host() != before);
    ends.push_back(parameters(gan.generator()).front().value().host());
  }
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(ends[i] != ends[j]);
}

TEST_CASE("without sigmoid the scores have no bounds") {
  const OneThread quick;
  GanOptions o = tiny_iagan();
  o.sigmoid = false;
  int outside = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Gan gan(o, seed, "iagan");
    gan.train_discriminator(reals(4));
    const GanLosses now = gan.losses();
    outside += now.score_real < 0.0f || now.score_real > 1.0f;
  }
  CHECK(outside > 0);
}

TEST_CASE("variations are made of the images given, in turn, each with its own noise") {
  const OneThread quick;
  Gan gan(tiny_iagan(), 3, "iagan");
  gan.step(reals(4));
  Rng one(8, "noise"), two(8, "noise");
  const Tensor sources = reals(2);
  const Tensor images = gan.sample(4, one, 0, sources);
  CHECK(images.shape() == Shape{4, side, side, 1});
  CHECK(images.slice(0, 1).host() != images.slice(2, 3).host());  // same image, other noise
  CHECK(gan.sample(4, two, 0, reals(2, 99)).host() != images.host());
  CHECK_THROWS_AS(gan.sample(4, one), SettingError);
}

TEST_CASE("images of other extents than the generator's are not varied") {
  const OneThread quick;
  Gan gan(tiny_iagan(), 3, "iagan");
  Rng rng(8, "noise");
  for (const Shape& other :
       {Shape{2, 2 * side, 2 * side, 1}, Shape{2, side, side, 3}, Shape{2, side / 2, 2 * side, 1},
        Shape{0, side, side, 1}, Shape{side, side, 1}}) {
    INFO(to_string(other));
    const Tensor sources = Tensor::zeros(other);
    CHECK_THROWS_AS(gan.sample(4, rng, 0, sources), Error);
    CHECK_THROWS_AS(generate(gan.generator(), gan.options(), rng.normal({4, 3}), {}, sources),
                    Error);
  }
  CHECK_THROWS_AS(gan.sample(1, rng, 0, Tensor::zeros({1, side, side, 3})), ShapeError);
  CHECK_THROWS_WITH(gan.sample(1, rng, 0, Tensor::zeros({1, side, side, 3})),
                    Contains("1x16x16x3") && Contains("N x 16x16x1"));
  // A search encodes its queries without that check: the encoder refuses the row.
  const SearchSpace space = search_space(gan, "");
  CHECK_THROWS_AS(space.generate(Tensor::zeros({1, side, side, 3}), Var(Tensor::zeros({1, 3}))),
                  ShapeError);
}

TEST_CASE("the two networks learn at rates of their own, also later") {
  const OneThread quick;
  Gan gan(tiny_iagan(), 3, "iagan");
  const auto rate = [](Optimizer& optimizer) { return optimizer.state().front().second.item(); };
  CHECK(rate(gan.generator_optimizer()) == 1e-4f);
  CHECK(rate(gan.discriminator_optimizer()) == 4e-4f);
  gan.set_learning_rate(2e-4f);
  CHECK(rate(gan.generator_optimizer()) == Approx(5e-5f));
  CHECK(rate(gan.discriminator_optimizer()) == 2e-4f);
}

TEST_CASE("an SSIM term wants variations and least squares") {
  GanOptions o = tiny_iagan();
  o.loss = GanLoss::bce;
  CHECK_THROWS_AS(Gan(o, 1, "x"), SettingError);
  o = tiny_wgan();
  o.ssim = SsimTerm::added;
  CHECK_THROWS_AS(Gan(o, 1, "x"), SettingError);
}

TEST_CASE("variations: a resumed training is the uninterrupted one, and samples its images") {
  const OneThread quick;
  const auto train = [](int steps) {
    auto t = std::make_unique<GanTraining>(tiny_iagan(), GanSchedule{.epochs = 3},
                                           resident(slopes(8, 1, 5), 1), 2, "gan/v");
    for (int i = 0; i < steps; ++i) t->advance();
    return t;
  };
  const auto whole = train(6), first = train(3), second = train(0);
  const Folder folder;
  const std::string file = folder.file("variations.h5");
  first->save(file, {});
  second->resume(file);
  while (!second->finished()) second->advance();
  Rng one(1, "noise"), other(1, "noise");
  CHECK(whole->sample(10, one).host() == second->sample(10, other).host());
}

TEST_CASE("searching a generator of variations: the query is encoded and stays, z alone moves") {
  const OneThread quick;
  Gan gan(tiny_iagan(), 3, "iagan");
  for (int i = 0; i < 3; ++i) gan.step(reals(4));
  const SearchSpace space = search_space(gan, "");
  const Tensor queries = reals(3, 8);
  const LatentMatches found =
      LatentSearch(space, {.feature_weight = 0.7f, .steps = 6, .batch = 3}, 1, "s").run(queries);
  const Var again = space.generate(queries, Var(found.z));
  CHECK(again.value().host() == found.images.host());
  // Another query with the same z is another image: the encoder saw the query.
  CHECK(space.generate(reals(3, 9), Var(found.z)).value().host() != found.images.host());
  for (const LatentMatch& m : found.matches)
    CHECK(m.score == Approx(0.3 * m.residual + 0.7 * m.discrimination).epsilon(1e-4));
}

TEST_CASE("both networks of a saved GAN are searched as those that were trained") {
  const OneThread quick;
  const Folder folder;
  Recipe recipe = Recipe::named("cxr-iagan64");
  for (const char* setting : {"data.size=16", "detect.width=2", "detect.latent=3"})
    recipe.set(setting);
  GanTraining training(detector_options(recipe, 1), {.epochs = 2}, resident(slopes(10, 1, 5), 1), 3,
                       "detector");
  for (int i = 0; i < 3; ++i) training.advance();
  const std::string path = folder.file("checkpoint.h5");
  training.save(path, {.recipe = recipe.toml(), .detector = true});
  const SavedGan saved = load_gan(path);
  CHECK(saved.notes.detector);
  const LatentSearchOptions o{.steps = 4, .batch = 2};
  const auto scores = [&](Gan& gan) {
    return LatentSearch(search_space(gan, ""), o, 1, "s").run(reals(2)).images.host();
  };
  CHECK(scores(*saved.gan) == scores(training.gan()));
  training.save_weights({.recipe = recipe.toml()}, folder.file("g.h5"), folder.file("d.h5"));
  CHECK_THROWS_WITH(load_gan(folder.file("g.h5")), Contains("checkpoint.h5"));
}
