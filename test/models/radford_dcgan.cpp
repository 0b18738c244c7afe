// Paper 004's networks: counts, sides, how the class goes in, the noise on the discriminator's
// input.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include <ganymede/kernels/error.h>
#include <ganymede/models/class_layers.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"
#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

const Rng rng(0, "counts");

GanNetworkOptions paper(int classes = 0) {
  return gan_options(Recipe::shipped("brainct-cgan128"), 1, classes).network;
}

GanOptions tiny(int classes, Conditioning conditioning = Conditioning::concat) {
  GanOptions o = gan_options(Recipe::shipped("brainct-cgan128"), 1, classes);
  o.network.conditioning = conditioning;
  o.network.size = side;
  o.network.width = 4;
  o.network.generator_width = 8;
  o.network.latent = 3;
  o.batch = 8;
  o.learning_rate = 2e-3f;
  return o;
}

constexpr Conditioning all_ways[]{Conditioning::concat, Conditioning::every_layer,
                                  Conditioning::projection};

/// Light below and dark above, or the other way round; every picture a little lighter or darker.
std::vector<float> halves(int count) {
  HostRng random(3, "halves");
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    const auto lighter = float(random.uniform(-0.2, 0.2));
    for (int pixel = 0; pixel < side * side; ++pixel)
      pixels.push_back(((pixel < side * side / 2) == (i % 2 == 0) ? 0.6f : -0.6f) + lighter);
  }
  return pixels;
}

/// The share of 32 samples of a class that are lighter in its half, clearly.
double share_of_class(GanTraining& training, int of_class) {
  Rng noise(11, "halves");
  const std::vector<float> pixels = training.gan().sample(32, noise, of_class).host();
  std::vector<double> lighter_above(32);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    lighter_above[i / (side * side)] +=
        double(pixels[i]) * (i % (side * side) < side * side / 2 ? 2 : -2) / (side * side);
  const double sign = of_class == 0 ? 1 : -1;
  return double(std::ranges::count_if(lighter_above, [&](double d) { return sign * d > 0.6; })) /
         32;
}

}  // namespace

TEST_CASE("parameters of paper 004's DCGAN") {
  GanNetworkOptions o = gan_options(Recipe::shipped("brainct-dcgan128"), 1).network;
  CHECK(generator_count(o) == 47'851'264);
  CHECK(discriminator_count(o) == 2'795'904);
  o.generator_width = 64;
  o.width = 16;
  CHECK(generator_count(o) == 12'784'512);
  CHECK(discriminator_count(o) == 701'632);
  o.width = 64;
  CHECK(discriminator_count(o) == 11'162'368);
}

TEST_CASE("parameters of paper 004's conditional GAN") {
  GanNetworkOptions o = paper(2);
  o.generator_width = 64;
  o.width = 16;
  CHECK(generator_count(o) == 12'784'512 + 32'768);
  CHECK(discriminator_count(o) == 701'632 + 2 * 16 * 16);
  o.conditioning = Conditioning::every_layer;
  CHECK(generator_count(o) == 12'784'512 + 2 * 16 * (1024 + 512 + 256 + 128 + 64 + 1));
  CHECK(discriminator_count(o) == 701'632 + 2 * 16 * (16 + 32 + 64 + 128 + 256) + 2);
  o.conditioning = Conditioning::projection;  // a scale and a shift for each class, a vector each
  CHECK(generator_count(o) == 12'784'512 + 2 * (1024 + 512 + 256 + 128 + 64));
  CHECK(discriminator_count(o) == 701'632 + 2 * 256);
}

TEST_CASE("a level more for each doubling: 256 and 512 by the same builder") {
  GanNetworkOptions o = paper(2);
  o.width = 1;
  o.generator_width = 2;
  for (Conditioning way : all_ways)
    for (int size : {8, 16, 128, 256, 512}) {
      o.conditioning = way;
      o.size = size;
      CAPTURE(int(way), size);
      const auto g = make_generator(o, rng), d = make_discriminator(o, rng);
      CHECK(g->output_shape(generator_input(o, 2)) == Shape{2, size, size, 1});
      CHECK(d->output_shape(discriminator_input(o, 2)) == Shape{2, 1});
      std::vector<Shape> inputs;
      g->each_child(generator_input(o, 2),
                    [&](const auto&, Module&, const Shape& s) { inputs.push_back(s); });
      CHECK(inputs.back() == Shape{2, size / 2, size / 2, 2});
    }
  o.size = 256;
  const auto g = make_generator(o, rng), d = make_discriminator(o, rng);
  const Var made = g->forward(Var(Tensor::zeros(generator_input(o, 1))), Mode::inference);
  CHECK(made.shape() == Shape{1, 256, 256, 1});
  CHECK(d->forward(Var(Tensor::zeros(discriminator_input(o, 1))), Mode::inference).shape() ==
        Shape{1, 1});
}

TEST_CASE("paper 004's networks refuse other sides, the other models its keys") {
  GanNetworkOptions o = paper();
  for (int size : {0, 4, 96, 130}) {
    o.size = size;
    CHECK_THROWS_WITH(make_generator(o, rng), Contains("radford128"));
    CHECK_THROWS_AS(make_discriminator(o, rng), SettingError);
  }
  GanNetworkOptions other = tiny_wgan().network;
  other.conditioning = Conditioning::projection;
  CHECK_THROWS_WITH(make_generator(other, rng), Contains("gan.conditioning"));
  other.conditioning = Conditioning::concat;
  other.generator_width = 8;
  CHECK_THROWS_WITH(make_discriminator(other, rng), Contains("gan.generator_width"));
  GanOptions wasserstein = tiny(0);
  wasserstein.loss = GanLoss::wasserstein;
  CHECK_THROWS_WITH(Gan(wasserstein, 1, "x"), Contains("gan.one_step"));
}

TEST_CASE("what a conditional network gets is taken apart and joined again") {
  const Tensor x = Tensor::from(std::vector<float>{.1f, .2f, .3f, .4f}, {2, 2, 1, 1});
  const Var flags(Tensor::from(std::vector<float>{0, 1, 1, 0}, {2, 2}));
  const Var joined = joined_with(Var(x), flags);
  CHECK(joined.value().host() == std::vector<float>{.1f, 0, 1, .2f, 0, 1, .3f, 1, 0, .4f, 1, 0});
  const WithClass apart = taken_apart(joined, 2);
  CHECK(apart.x.value().host() == x.host());
  CHECK(apart.flags.value().host() == flags.value().host());
  CHECK_THROWS_AS(taken_apart(flags, 2), ShapeError);
}

TEST_CASE("each way of telling the class makes it count in both networks from the first step") {
  for (Conditioning way : all_ways) {
    CAPTURE(int(way));
    Gan gan(tiny(2, way), 3, "told");
    const Tensor real = Tensor::from(halves(8), {8, side, side, 1});
    gan.step(real, Tensor::from(std::vector<std::int32_t>{0, 1, 0, 1, 0, 1, 0, 1}, {8}));
    Rng one(5, "z"), same(5, "z");
    CHECK(gan.sample(4, one, 0).host() != gan.sample(4, same, 1).host());
    CHECK(gan.score(real, 0) != gan.score(real, 1));
  }
}

TEST_CASE("a conditional DCGAN learns to make the class that is asked for", "[long]") {
  const OneThread quick;
  // Networks this small swing: of one training the last step may be an unlucky one.
  constexpr int seeds = 5, fewest = 3;
  for (Conditioning way : all_ways) {
    CAPTURE(int(way));
    // Norms and a projection alone are told less directly and take longer.
    const double epochs = way == Conditioning::projection ? 80 : 20;
    int learnt = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
      GanTraining training(tiny(2, way), {.epochs = epochs}, resident(halves(64), 1, 2),
                           std::uint64_t(seed), "gan");
      CHECK(std::max(share_of_class(training, 0), share_of_class(training, 1)) < 0.5);
      while (!training.finished()) training.advance();
      learnt += std::min(share_of_class(training, 0), share_of_class(training, 1)) >= 0.9;
    }
    CHECK(learnt >= fewest);
  }
}

TEST_CASE("the noise on the discriminator's input falls linearly to nothing") {
  GanSchedule schedule;
  CHECK(schedule.noise_left(0, 100) == 1.0f);
  CHECK(schedule.noise_left(25, 100) == Approx(0.75));
  schedule.noise_share = 0.5;
  CHECK(schedule.noise_left(25, 100) == Approx(0.5));
  CHECK(schedule.noise_left(50, 100) == 0.0f);
  CHECK(schedule.noise_left(99, 100) == 0.0f);
}

TEST_CASE("noise changes what the discriminator learns until it is gone, and no other draw") {
  const OneThread quick;
  const auto losses_of = [](float input_noise, double share) {
    GanOptions o = tiny(0);
    o.input_noise = input_noise;
    GanTraining training(o, {.epochs = 2, .noise_share = share}, resident(halves(32), 1), 3, "gan");
    while (!training.finished()) training.advance();
    return training.history().discriminator;
  };
  const auto without = losses_of(0, 1), brief = losses_of(0.5f, 0.1), long_one = losses_of(0.5f, 1);
  REQUIRE(without.size() == 8);
  CHECK(brief[0] != without[0]);
  CHECK(brief[0] == long_one[0]);
  CHECK(brief[4] != long_one[4]);
  Gan quiet(tiny(0), 1, "x");
  CHECK_THROWS_AS(quiet.set_input_noise(0.1f), UsageError);
  CHECK(quiet.random_streams().size() == 3);
}

TEST_CASE("an iteration learns from the fakes that the discriminator was shown") {
  const auto draws = [](bool reuse) {
    GanOptions o = tiny(0);
    o.reuse_fakes = reuse;
    Gan gan(o, 1, "x");
    const Tensor real = Tensor::zeros({8, side, side, 1});
    gan.step(real);
    gan.train_discriminator(real);
    gan.step(real);
    return gan.random_streams()[0]->position().host<std::int64_t>()[0];
  };
  CHECK(draws(true) == 3 * 6);  // blocks of four for 8 x 3 numbers
  CHECK(draws(false) == 5 * 6);
}

TEST_CASE("a stopped training with noise and each way of telling the class goes on bit for bit") {
  const OneThread quick;
  for (Conditioning way : all_ways) {
    CAPTURE(int(way));
    GanOptions o = tiny(2, way);
    o.input_noise = 0.2f;
    const auto training = [&] {
      return GanTraining(o, {.epochs = 2}, resident(halves(32), 1, 2), 3, "gan");
    };
    const Folder folder;
    const std::string file = folder.file("stopped.h5");
    GanTraining whole = training(), first = training(), second = training();
    while (!whole.finished()) whole.advance();
    for (int i = 0; i < 3; ++i) first.advance();
    first.save(file, {.recipe = Recipe::shipped("brainct-cgan128").toml()});
    second.resume(file);
    while (!second.finished()) second.advance();
    Rng one(5, "z"), same(5, "z");
    CHECK(whole.sample(4, one, 1).host() == second.sample(4, same, 1).host());
    CHECK(whole.history().discriminator == second.history().discriminator);
  }
}
