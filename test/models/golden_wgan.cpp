// Generator updates of paper 001's Wasserstein GAN against PyTorch in double
// (test/golden/wgan_steps.py).

#include <catch2/catch.hpp>

#include "gan_support.h"
#include "golden.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int critic_steps = 2;

GanOptions as_in_the_script(GanOptions o) {
  o.network.latent = 10;
  o.network.width = 4;
  o.learning_rate = 1e-4f;
  return o;
}
GanOptions small_paper_gan() { return as_in_the_script(tiny_wgan(3)); }
GanOptions small_penalised_gan() { return as_in_the_script(tiny_wgan_gp(3)); }

/// Losses of each step and the state at the end, under the script's names.
NamedValues trained(const GanOptions& options, int updates,
                    const std::vector<std::vector<std::int32_t>>& labels = {}) {
  Gan gan(options, 7, "golden");
  Rng images(7, "images");
  NamedValues values;
  for (int step = 0; step < updates * critic_steps; ++step) {
    const Tensor real = images.uniform({4, 16, 16, 3}, -1.0f, 1.0f);
    Tensor classes;
    if (!labels.empty()) classes = Tensor::from(labels[std::size_t(step) % labels.size()], {4});
    const bool last = step % critic_steps == critic_steps - 1;
    if (last)
      gan.step(real, classes);
    else
      gan.train_discriminator(real, classes);
    const GanLosses now = gan.losses();
    values["loss_real"].push_back(now.discriminator_real);
    values["loss_fake"].push_back(now.discriminator_fake);
    values["loss_penalty"].push_back(now.penalty);
    if (last) values["loss_generator"].push_back(now.generator);
  }
  add_state(gan, values);
  return values;
}

/// What float makes of it, times ten: the furthest parameter or moving statistic is off by 2e-7 (a
/// step moves it by 1e-4 or more, so a gradient of the wrong sign would show), a score, which is a
/// sum of 128 products, by that times its weights: at most .01 when clipped, near 1 otherwise.
GoldenBounds bounds(double of_losses) {
  return [of_losses](const std::string& what) -> GoldenBound {
    return {.margin = what.starts_with("loss_") ? of_losses : 2e-6, .relative = 1e-5};
  };
}
constexpr double clipped = 2e-8, penalised = 5e-6;

}  // namespace

TEST_CASE("ten WGAN updates equal PyTorch's in double") {
  const auto rows = golden_rows("wgan_steps.csv", "clip/");
  CHECK(rows.size() > 150);
  check_golden(rows, trained(small_paper_gan(), 10), bounds(clipped));
}

TEST_CASE("ten WGAN-GP updates equal PyTorch's in double") {
  const auto rows = golden_rows("wgan_steps.csv", "penalty/");
  CHECK(rows.size() > 150);
  check_golden(rows, trained(small_penalised_gan(), 10), bounds(penalised));
}

TEST_CASE("an update of a conditional WGAN equals PyTorch's in double") {
  const auto check = [](const std::string& name, GanOptions options, double of_losses) {
    options.network.classes = 3;
    const auto rows = golden_rows("wgan_steps.csv", name + "/");
    CHECK(rows.size() > 80);
    check_golden(rows, trained(options, 1, {{0, 2, 1, 2}, {1, 1, 0, 2}}), bounds(of_losses));
  };
  check("conditional", small_paper_gan(), clipped);
  check("conditional_penalty", small_penalised_gan(), penalised);
}
