// Ten iterations of paper 004's DCGAN against PyTorch in double (test/golden/radford_steps.py),
// with each way of telling the class.

#include <catch2/catch.hpp>

#include <ganymede/models/settings.h>

#include "golden.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

GanOptions small_paper_gan(const std::string& conditioning, int classes) {
  Recipe recipe = Recipe::shipped("brainct-cgan128");
  recipe.set("gan.conditioning=" + conditioning);
  GanOptions o = gan_options(recipe, 1, classes);
  o.network.size = 16;
  o.network.width = 3;
  o.network.generator_width = 4;
  o.network.latent = 6;
  o.batch = 4;
  return o;
}

/// Losses of each iteration and the state at the end, under the script's names. The noise on the
/// discriminator's input falls over these iterations as in a training.
NamedValues trained(const GanOptions& options, int iterations) {
  const std::vector<std::int32_t> labels[]{{0, 2, 1, 2}, {1, 1, 0, 2}};
  const GanSchedule schedule;
  Gan gan(options, 7, "golden");
  Rng images(7, "images");
  NamedValues values;
  for (int i = 0; i < iterations; ++i) {
    if (options.input_noise > 0)
      gan.set_input_noise(options.input_noise * schedule.noise_left(i, iterations));
    const Tensor classes =
        options.network.classes > 0 ? Tensor::from(labels[i % 2], {4}) : Tensor();
    gan.step(images.uniform({4, 16, 16, 1}, -1.0f, 1.0f), classes);
    add_losses(gan, values);
  }
  add_state(gan, values);
  return values;
}

/// A step of Adam moves a weight by 2e-4: a gradient of the wrong sign would show.
GoldenBound bound(const std::string& what) {
  return {.margin = what.starts_with("loss_") ? 0 : 2e-5, .relative = 1e-5};
}

void check(const std::string& name, const GanOptions& options, int iterations) {
  const auto rows = golden_rows("radford_steps.csv", name + "/");
  CHECK(rows.size() > 80);
  check_golden(rows, trained(options, iterations), bound);
}

}  // namespace

TEST_CASE("iterations of paper 004's DCGAN equal PyTorch's in double") {
  check("plain", small_paper_gan("concat", 0), 3);
  GanOptions noisy = small_paper_gan("concat", 0);
  noisy.input_noise = 0.25f;
  check("noise", noisy, 4);
}

TEST_CASE("ten iterations of paper 004's conditional GAN equal PyTorch's in double") {
  check("concat", small_paper_gan("concat", 3), 10);
}

TEST_CASE("ten iterations with the class told to every layer equal PyTorch's in double") {
  check("every_layer", small_paper_gan("every-layer", 3), 10);
}

TEST_CASE("ten iterations with norms and a projection of the class equal PyTorch's in double") {
  check("projection", small_paper_gan("projection", 3), 10);
}
