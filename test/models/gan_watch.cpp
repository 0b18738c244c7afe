// A watch looks at a GAN without touching it, keeps the best generator, and ends a training.

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"
#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

/// 20 iterations on ten pictures.
std::unique_ptr<GanTraining> training_of(const GanOptions& options) {
  return std::make_unique<GanTraining>(options, GanSchedule{.epochs = 8},
                                       resident(slopes(10, 1, 5), 1), 3, "gan");
}

std::vector<float> pictures(GanTraining& training) {
  Rng noise(9, "pictures");
  return training.sample_now(3, noise).host();
}

/// Looks every 4th iteration; the distances are given, and what was seen is noted.
GanWatch given(std::vector<double> distances, std::vector<std::vector<float>>* seen = nullptr) {
  return {.every = 4, .distance = [=](GanTraining& t) {
            const std::vector<float> now = pictures(t);
            if (seen) seen->push_back(now);
            return distances.at(std::size_t((t.done() + 3) / 4 - 1));
          }};
}

void finish(GanTraining& training) {
  while (!training.finished()) training.advance();
}

std::vector<float> taken(GanTraining& training) {
  Rng noise(9, "pictures");
  return training.sample(3, noise).host();
}

}  // namespace

TEST_CASE("watch: a watched GAN trains as one that is not") {
  const OneThread quick;
  GanOptions averaged = tiny_dcgan();
  averaged.ema = 0.9f;
  for (const GanOptions& options : {tiny_dcgan(), averaged}) {
    const auto alone = training_of(options), watched = training_of(options);
    GanWatch watch = given({5, 1, 2, 3, 4});
    watch.keep_best = true;
    watched->watch(std::move(watch));
    finish(*alone);
    finish(*watched);
    CHECK(alone->done() == 20);
    CHECK(watched->done() == 20);
    CHECK(pictures(*alone) == pictures(*watched));
    for (auto network : {&Gan::generator, &Gan::discriminator})
      require_equal((alone->gan().*network)(), (watched->gan().*network)());
    CHECK(alone->history().generator == watched->history().generator);
    CHECK(alone->history().discriminator == watched->history().discriminator);
    CHECK(alone->watched() == nullptr);
    CHECK(watched->watched()->iteration == std::vector<float>{4, 8, 12, 16, 20});
    CHECK(watched->watched()->distance == std::vector<float>{5, 1, 2, 3, 4});
  }
}

TEST_CASE("watch: the last iteration has a look of its own, and only one") {
  const OneThread quick;
  const auto looks = [](std::int64_t every) {
    const auto training = training_of(tiny_dcgan());
    training->watch({.every = every, .distance = [](GanTraining&) { return 1.0; }});
    finish(*training);
    return training->watched()->iteration;
  };
  CHECK(looks(7) == std::vector<float>{7, 14, 20});
  CHECK(looks(10) == std::vector<float>{10, 20});
  CHECK(looks(50) == std::vector<float>{20});
}

TEST_CASE("watch: the best generator is sampled from once the training is over") {
  const OneThread quick;
  GanOptions averaged = tiny_dcgan();
  averaged.ema = 0.9f;
  for (const GanOptions& options : {tiny_dcgan(), averaged})
    for (bool keep : {true, false}) {
      const auto training = training_of(options);
      std::vector<std::vector<float>> seen;
      GanWatch watch = given({5, 3, 1, 1, 4}, &seen);
      watch.keep_best = keep;
      training->watch(std::move(watch));
      for (int i = 0; i < 16; ++i) training->advance();
      CHECK(taken(*training) == seen[3]);  // not over yet
      finish(*training);
      REQUIRE(seen.size() == 5);
      CHECK(seen[2] != seen[4]);
      CHECK(taken(*training) == seen[keep ? 2 : 4]);  // the first of two equal ones
      CHECK(pictures(*training) == seen[4]);
    }
}

TEST_CASE("watch: files hold the best generator") {
  const OneThread quick;
  const Folder folder;
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  for (const char* setting : {"data.size=16", "gan.latent=3", "gan.width=2", "gan.batch=4"})
    recipe.set(setting);
  const auto training = training_of(gan_options(recipe, 1));
  GanWatch watch = given({5, 1, 2, 3, 4});
  watch.keep_best = true;
  training->watch(std::move(watch));
  finish(*training);
  const std::string checkpoint = folder.file("checkpoint.h5"), weights = folder.file("g.h5");
  training->save(checkpoint, {.recipe = recipe.toml()});
  training->save_weights({.recipe = recipe.toml()}, weights, folder.file("d.h5"));
  Rng drawn(4, "sample");
  const std::vector<float> best = training->sample(5, drawn).host();
  CHECK(load_generator(checkpoint).sample(5, 4).host() == best);
  CHECK(load_generator(weights).sample(5, 4).host() == best);
  Rng again(4, "sample");
  CHECK(training->sample_now(5, again).host() != best);
}

TEST_CASE("watch: a training without progress ends when patience has run out") {
  const OneThread quick;
  const auto done = [](std::vector<double> distances, int patience) {
    const auto training = training_of(tiny_dcgan());
    GanWatch watch = given(std::move(distances));
    watch.patience = patience;
    training->watch(std::move(watch));
    finish(*training);
    CHECK(training->history().iteration.back() == float(training->done()));  // logged to its end
    return training->done();
  };
  CHECK(done({1, 2, 3, 4, 5}, 0) == 20);
  CHECK(done({1, 2, 3, 4, 5}, 1) == 8);
  CHECK(done({1, 2, 3, 4, 5}, 2) == 12);
  CHECK(done({3, 4, 2, 3, 4}, 2) == 20);
  CHECK(done({3, 3, 3, 3, 3}, 3) == 16);
  CHECK(done({5, 4, 3, 2, 1}, 1) == 20);
}

TEST_CASE("watch: a resumed training is the uninterrupted one") {
  const OneThread quick;
  const Folder folder;
  const auto fresh = [](int patience) {
    auto training = training_of(tiny_dcgan());
    GanWatch watch = given({3, 1, 2, 4, 0.5});
    watch.keep_best = true;
    watch.patience = patience;
    training->watch(std::move(watch));
    return training;
  };
  for (int patience : {0, 2})
    for (int stop : {3, 8, 10, 14}) {
      const auto whole = fresh(patience), first = fresh(patience), second = fresh(patience);
      finish(*whole);
      for (int i = 0; i < stop; ++i) first->advance();
      first->save(folder.file("stopped.h5"), GanNotes{});
      second->resume(folder.file("stopped.h5"));
      finish(*second);
      CHECK(second->done() == (patience ? 16 : 20));
      CHECK(taken(*second) == taken(*whole));
      whole->save(folder.file("whole.h5"), GanNotes{});
      second->save(folder.file("second.h5"), GanNotes{});
      CHECK(bytes_of(folder.file("whole.h5")) == bytes_of(folder.file("second.h5")));
    }
}

TEST_CASE("watch: without looks or a distance it is refused") {
  const auto training = training_of(tiny_dcgan());
  CHECK_THROWS_AS(training->watch({.every = 0, .distance = [](GanTraining&) { return 0.0; }}),
                  SettingError);
  CHECK_THROWS_AS(training->watch({.every = 5, .distance = {}}), SettingError);
}
