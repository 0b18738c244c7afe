// What a GAN's training takes of memory, against what was said before it began.

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_training.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/memory_estimate.h>

#include "test/models/one_thread.h"

using namespace ganymede;
using Catch::Contains;
using ganymede::test::OneThread;

namespace {

GanOptions small_brainct(const std::string& conditioning) {
  Recipe recipe = Recipe::shipped("brainct-cgan128");
  recipe.set("gan.conditioning=" + conditioning);
  GanOptions o = gan_options(recipe, 1, 2);
  o.network.size = 32;
  o.network.width = 8;
  o.network.generator_width = 32;
  return o;
}

ResidentSet pictures(int side) {
  ResidentSet set{Tensor::zeros({40, side, side, 1}, DType::u8), {}};
  for (int i = 0; i < 40; ++i) set.labels.push_back(i % 2);
  return set;
}

/// Bytes that 20 iterations and the pictures between them took from the system.
double used_by_training(const GanOptions& options) {
  const auto pool = std::make_shared<Pool>(current_stream().device());
  const PoolScope here(pool);
  GanTraining training(options, {.epochs = 8}, pictures(options.network.size), 3, "gan");
  Rng noise(1, "pictures");
  while (!training.finished()) training.advance();
  CHECK(training.done() == 20);
  training.gan().sample(64, noise);
  return double(pool->stats().bytes_reserved);
}

}  // namespace

TEST_CASE("a training takes the memory that was predicted") {
  const OneThread quick;
  for (const char* conditioning : {"concat", "every-layer", "projection"}) {
    CAPTURE(conditioning);
    const GanOptions options = small_brainct(conditioning);
    const study::GanMemory predicted = study::predicted_memory(options);
    CHECK(used_by_training(options) == Approx(predicted.training).epsilon(0.15));
    CHECK(predicted.training >= study::least_bytes(options));
    CHECK(predicted.peak() > predicted.training);
  }
}

TEST_CASE("the sizes of networks are reckoned without building them") {
  for (const RecipeSummary& summary : Recipe::list()) {
    CAPTURE(summary.name);
    Recipe recipe = Recipe::shipped(summary.name);
    recipe.apply_quick();
    for (int classes : {0, 3}) {
      const GanOptions o =
          gan_options(recipe, 1, recipe.text("gan.model") == "iagan64" ? 0 : classes);
      const study::GanSizes sizes = study::sizes_of(o);
      const Rng rng(0, "counts");
      CHECK(sizes.generator == double(count_parameters(*make_generator(o.network, rng)).trainable));
      CHECK(sizes.discriminator ==
            double(count_parameters(*make_discriminator(o.network, rng)).trainable));
      CHECK(sizes.generator_maps > 0);
    }
  }
  const study::GanSizes full = study::sizes_of(gan_options(Recipe::shipped("brainct-dcgan128"), 1));
  CHECK(full.generator == 47'851'264);
  CHECK(full.discriminator == 2'795'904);
}

TEST_CASE("networks that no memory holds are refused before anything is built") {
  GanOptions o = gan_options(Recipe::shipped("brainct-dcgan128"), 1);
  o.network.size = 1024;
  o.network.generator_width = 1024;
  CHECK(study::least_bytes(o) > study::machine_bytes());
  CHECK_THROWS_WITH(study::predicted_memory(o), Contains("GB of memory") && Contains("data.size"));
  CHECK_THROWS_AS(study::require_memory(o), SettingError);
}
