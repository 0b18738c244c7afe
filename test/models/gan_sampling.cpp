// What is asked of a GAN from outside: images, scores, means of losses.

#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/kernels/error.h>
#include <ganymede/models/conditioning.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/saved_gan.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"
#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int many = 70;  // more than go through a network at once

GanOptions conditional(GanOptions options) {
  options.network.classes = 2;
  return options;
}

/// A few steps, so that no moving statistic is what it was at the start.
void train(Gan& gan) {
  Rng images(2, "images");
  const Tensor labels =
      gan.options().network.classes ? Tensor::from(std::vector{0, 1, 1, 0}, {4}) : Tensor();
  for (int i = 0; i < 3; ++i) gan.step(images.uniform({4, side, side, 1}, -1.0f, 1.0f), labels);
}

void check_near(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 1e-5f);
}

}  // namespace

TEST_CASE("samples are the generator's at inference, however many") {
  const OneThread quick;
  Gan gan(conditional(tiny_wgan_gp()), 4, "gan");
  train(gan);
  Rng noise(6, "noise"), again(6, "noise");
  const Tensor images = gan.sample(many, noise, 1);
  CHECK(images.shape() == Shape{many, side, side, 1});
  const Tensor z = draw_latent(gan.options(), many, again);
  const Tensor input = latent_with_class(z, same_label(many, 1, 2), 2);
  check_near(images.host(), gan.generator().forward(input, Mode::inference).value().host());
  Rng third(6, "noise");
  CHECK(gan.sample(many, third, 0).host() != images.host());
  for (float v : z.host()) CHECK((v >= -1.0f && v < 1.0f));  // uniform, as the paper has it
}

TEST_CASE("a score is the critic's at inference, for the class said; higher is more real") {
  const OneThread quick;
  Gan gan(conditional(tiny_wgan()), 4, "gan");
  train(gan);
  const Tensor images = Tensor::from(slopes(many, 1, 8), {many, side, side, 1});
  const auto direct = [&](int of_class) {
    const Var x = image_with_class(Var(images), same_label(many, of_class, 2), 2);
    return gan.discriminator().forward(x, Mode::inference).value().host();
  };
  check_near(gan.score(images, 0), direct(0));
  check_near(gan.score(images, 1), direct(1));
  CHECK(gan.score(images, 0) != gan.score(images, 1));
}

TEST_CASE("with inverted labels a low logit is a real's, and the score says so") {
  const OneThread quick;
  const Tensor images = Tensor::from(slopes(4, 1, 8), {4, side, side, 1});
  for (bool inverted : {true, false}) {
    GanOptions o = tiny_dcgan();
    o.invert_labels = inverted;
    o.learning_rate = 1e-2f;
    Gan gan(o, 4, "gan");
    Rng noise(6, "noise");
    for (int i = 0; i < 30; ++i) gan.train_discriminator(images);
    const GanLosses losses = gan.losses();
    CHECK(losses.score_real > losses.score_fake);
    double of_reals = 0, of_fakes = 0;
    for (float s : gan.score(images)) of_reals += s;
    for (float s : gan.score(gan.sample(4, noise))) of_fakes += s;
    CHECK(of_reals > of_fakes);
  }
}

TEST_CASE("averaged weights make the samples, and are put back") {
  GanOptions o = tiny_wgan();
  o.ema = 0.5f;
  Gan gan(o, 4, "gan");
  train(gan);
  const std::vector<float> own = parameters(gan.generator())[0].value().host();
  Rng noise(6, "noise"), again(6, "noise");
  const std::vector<float> averaged = gan.sample(2, noise).host();
  CHECK(parameters(gan.generator())[0].value().host() == own);
  CHECK(sample_generator(gan.generator(), o, 2, again).host() != averaged);
  CHECK_THROWS_AS(gan.with_average([] { throw UsageError("no"); }), UsageError);
  CHECK(parameters(gan.generator())[0].value().host() == own);
}

TEST_CASE("a saved GAN with an average samples what its saved generator does") {
  const OneThread quick;
  Recipe recipe = Recipe::named("headct-dcgan32");
  for (const char* setting :
       {"data.size=16", "gan.width=2", "gan.latent=3", "gan.batch=4", "gan.ema=0.5"})
    recipe.set(setting);
  GanTraining training(gan_options(recipe, 1), {.epochs = 2}, resident(slopes(10, 1, 5), 1), 3,
                       "gan");
  for (int i = 0; i < 3; ++i) training.advance();
  const Folder folder;
  const std::string path = folder.file("checkpoint.h5");
  training.save(path, {.recipe = recipe.toml()});
  const SavedGan saved = load_gan(path);
  CHECK(saved.gan->options().ema == 0.0f);
  CHECK(saved.notes.options.ema == 0.5f);
  Rng one(6, "sample"), other(6, "sample");  // SavedGenerator's stream
  const std::vector<float> images = saved.gan->sample(2, one).host();
  CHECK(images == load_generator(path).sample(2, 6).host());
  CHECK(images == training.gan().sample(2, other).host());
}

TEST_CASE("losses are means over the steps since they were read") {
  const auto batch = [](Rng& images) { return images.uniform({4, side, side, 1}, -1.0f, 1.0f); };
  Gan each(tiny_wgan_gp(), 4, "gan"), together(tiny_wgan_gp(), 4, "gan");
  Rng one(2, "images"), other(2, "images");
  GanLosses sum;
  for (int i = 0; i < 4; ++i) {
    i % 2 ? each.step(batch(one)) : each.train_discriminator(batch(one));
    i % 2 ? together.step(batch(other)) : together.train_discriminator(batch(other));
    const GanLosses now = each.losses();
    CHECK(now.generator_steps == i % 2);
    CHECK(now.discriminator_real == -now.score_real);
    CHECK(now.discriminator_fake == now.score_fake);
    sum.discriminator_real += now.discriminator_real;
    sum.penalty += now.penalty;
    sum.generator += now.generator;
  }
  const GanLosses all = together.losses();
  CHECK(all.generator_steps == 2);
  CHECK(all.discriminator_real == Approx(sum.discriminator_real / 4));
  CHECK(all.penalty == Approx(sum.penalty / 4));
  CHECK(all.generator == Approx(sum.generator / 2));
  const GanLosses none = together.losses();
  CHECK((none.generator_steps == 0 && none.generator == 0 && none.score_real == 0));
}
