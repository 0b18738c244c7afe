// Which network is updated when, how fast, and that stopping in between changes nothing.

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>

#include "checkpoint_run.h"
#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

ResidentSet ten_slopes(int classes = 0) { return resident(slopes(10, 1, 5), 1, classes); }

void advance(GanTraining& training, int iterations) {
  for (int i = 0; i < iterations; ++i) training.advance();
}

/// Generator updates when so many iterations are done, in growing order.
std::vector<std::int64_t> updates_at(const GanSchedule& schedule,
                                     const std::vector<int>& iterations) {
  GanTraining training(tiny_wgan(), schedule, ten_slopes(), 3, "gan");
  std::vector<std::int64_t> updates;
  for (int i : iterations) {
    advance(training, i - int(training.done()));
    updates.push_back(training.generator_updates());
  }
  return updates;
}

float rate_of(Optimizer& optimizer) {
  for (auto& [name, tensor] : optimizer.state())
    if (name == "learning_rate") return tensor.item();
  throw std::logic_error("an optimiser without a learning rate");
}

/// Stops at `stop`, goes on in another object, and compares all that the two runs leave behind.
void check_resumed(const GanOptions& options, const GanSchedule& schedule, int stop, int end) {
  const Folder folder;
  const auto path = [&](const char* name) { return folder.file(name); };
  const ResidentSet images = ten_slopes(options.network.classes);
  const auto fresh = [&] { return GanTraining(options, schedule, images, 3, "gan"); };
  GanTraining whole = fresh(), first = fresh(), second = fresh();
  advance(whole, end);
  advance(first, stop);
  first.save(path("stopped.h5"), GanNotes{});
  second.resume(path("stopped.h5"));
  CHECK(second.done() == stop);
  CHECK(second.generator_updates() == first.generator_updates());
  advance(second, end - stop);
  whole.save(path("whole.h5"), GanNotes{});
  second.save(path("second.h5"), GanNotes{});
  CHECK(bytes_of(path("whole.h5")) == bytes_of(path("second.h5")));
  CHECK(bytes_of(path("whole.h5")) != bytes_of(path("stopped.h5")));
  Rng one(9, "samples"), other(9, "samples");
  CHECK(whole.gan().sample(3, one).host() == second.gan().sample(3, other).host());
  CHECK(whole.generator_updates() == second.generator_updates());
}

}  // namespace

TEST_CASE("the critic warms up before the first 25 generator steps and every 500th") {
  const GanSchedule s{.n_critic = 5, .warm_up = 100};
  for (std::int64_t update = 0; update < 25; ++update) CHECK(s.critic_steps(update) == 100);
  for (std::int64_t update : {25, 26, 499, 501, 999, 1001}) CHECK(s.critic_steps(update) == 5);
  for (std::int64_t update : {500, 1000, 200'000}) CHECK(s.critic_steps(update) == 100);
  const GanSchedule without{.n_critic = 5};
  for (std::int64_t update : {0, 24, 25, 500}) CHECK(without.critic_steps(update) == 5);
}

TEST_CASE("generator updates for a number of iterations") {
  const OneThread quick;
  using Updates = std::vector<std::int64_t>;
  CHECK(updates_at({.n_critic = 1}, {1, 7}) == Updates{1, 7});
  CHECK(updates_at({.n_critic = 5}, {4, 5, 9, 14, 15}) == Updates{0, 1, 1, 2, 3});
  // 25 of 3 critic steps each, then every second iteration.
  CHECK(updates_at({.n_critic = 2, .warm_up = 3}, {2, 3, 74, 75, 76, 77, 100}) ==
        Updates{0, 1, 24, 25, 25, 26, 37});
}

TEST_CASE("epochs count the critic's batches") {
  const OneThread quick;
  GanTraining training(tiny_wgan(), {.epochs = 3, .n_critic = 5}, ten_slopes(), 3, "gan");
  CHECK(training.iterations() == 8);  // 3 epochs of 10 images in batches of 4
  while (!training.finished()) training.advance();
  CHECK(training.done() == 8);
  CHECK(training.generator_updates() == 1);
  CHECK(training.epochs_done() == Approx(3.2));
  const GanHistory& h = training.history();
  CHECK(h.iteration.size() == 8);
  for (float loss : {h.generator[0], h.generator[3]}) CHECK(loss == 0.0f);  // no step yet
  CHECK(h.generator[4] != 0.0f);
  CHECK(h.generator[7] == h.generator[4]);  // the last one stands
}

TEST_CASE("the late learning rate holds from its epoch on, after a resume too") {
  const OneThread quick;
  const GanSchedule schedule{.late_from = 2, .late_learning_rate = 2e-4f};
  GanTraining training(tiny_wgan(), schedule, ten_slopes(), 3, "gan");
  const auto rates = [](GanTraining& t) {
    return std::pair(rate_of(t.gan().generator_optimizer()),
                     rate_of(t.gan().discriminator_optimizer()));
  };
  for (int i = 0; i < 5; ++i) {  // 5 batches of 4 are 2 epochs
    training.advance();
    CHECK(rates(training) == std::pair(1e-3f, 1e-3f));
  }
  training.advance();
  CHECK(rates(training) == std::pair(2e-4f, 2e-4f));

  const Folder folder;
  training.save(folder.file("late.h5"), GanNotes{});
  GanTraining resumed(tiny_wgan(), schedule, ten_slopes(), 3, "gan");
  resumed.resume(folder.file("late.h5"));
  CHECK(rates(resumed) == std::pair(2e-4f, 2e-4f));
  resumed.advance();
  CHECK(rates(resumed) == std::pair(2e-4f, 2e-4f));
}

TEST_CASE("a resumed GAN equals an uninterrupted one bit for bit") {
  const OneThread quick;
  // 2,500 epochs are logged every 12th iteration: stops fall between two entries.
  SECTION("DCGAN") { check_resumed(tiny_dcgan(), {}, 7, 26); }
  SECTION("DCGAN with four dropouts") {
    GanOptions o = tiny_dcgan();
    o.network.model = GanModel::dcgan128;
    check_resumed(o, {}, 7, 26);
  }
  SECTION("WGAN, in the middle of a warm-up") {
    check_resumed(tiny_wgan(), {.n_critic = 3, .warm_up = 5}, 17, 26);
  }
  SECTION("WGAN, in the middle of a cycle after the warm-up") {
    check_resumed(tiny_wgan(), {.n_critic = 3, .warm_up = 1}, 26, 38);
  }
  SECTION("WGAN, before and after its late learning rate") {
    const GanSchedule s{.n_critic = 2, .late_from = 4, .late_learning_rate = 1e-4f};
    check_resumed(tiny_wgan(), s, 9, 15);
    check_resumed(tiny_wgan(), s, 11, 15);
  }
  SECTION("conditional WGAN-GP with an average") {
    GanOptions o = tiny_wgan_gp();
    o.network.classes = 2;
    o.ema = 0.9f;
    check_resumed(o, {.n_critic = 3}, 7, 14);
  }
}

TEST_CASE("a checkpoint of other data or another network is refused") {
  const Folder folder;
  GanTraining training(tiny_wgan(), {}, ten_slopes(), 3, "gan");
  training.advance();
  training.save(folder.file("a.h5"), GanNotes{});
  const auto resume = [&](const GanOptions& options, int images, std::uint64_t seed) {
    GanTraining other(options, {}, resident(slopes(images, 1, 5), 1), seed, "gan");
    other.resume(folder.file("a.h5"));
  };
  CHECK_NOTHROW(resume(tiny_wgan(), 10, 3));
  CHECK_THROWS_AS(resume(tiny_wgan(), 11, 3), FormatError);
  CHECK_THROWS_AS(resume(tiny_wgan(), 10, 4), FormatError);
  CHECK_THROWS_AS(resume(tiny_wgan_gp(), 10, 3), FormatError);
  CHECK_THROWS_AS(resume(tiny_dcgan(), 10, 3), FormatError);
}

TEST_CASE(
    "classic augmentation feeds a GAN other images, and stopping in between changes nothing") {
  const OneThread quick;
  const GanSchedule plain{.epochs = 6, .n_critic = 2},
      classic{.epochs = 6, .n_critic = 2, .classic = ClassicOptions{}};
  check_resumed(tiny_wgan(), classic, 3, 7);
  const auto losses = [&](const GanSchedule& schedule) {
    GanTraining training(tiny_wgan(), schedule, ten_slopes(), 3, "gan");
    advance(training, 6);
    return training.history().discriminator;
  };
  CHECK(losses(classic) == losses(classic));
  CHECK(losses(classic) != losses(plain));
}
