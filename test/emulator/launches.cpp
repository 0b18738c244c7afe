// How many kernels an iteration of each shipped GAN is: what one captured graph holds. The emulated
// device has one multiprocessor, so that no product is split along k; a larger device adds a second
// pass to those that its planner splits.
#include <iostream>

#include <catch2/catch.hpp>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/recipe.h>
#include <ganymede/models/settings.h>

#include <test/emulator/device_array.h>

using namespace ganymede;
using namespace ganymede::test;

namespace {

struct DryRun {
  DryRun() { simt::set_dry_run(true); }
  ~DryRun() { simt::set_dry_run(false); }
};

/// An iteration in TF32, as training is on CUDA: the discriminator's steps, then the generator's.
simt::LaunchCounts launches_of(const Recipe& recipe) {
  Stream stream(cuda_device());
  stream.set_math_mode(MathMode::tf32);
  const StreamScope scope(stream);
  const int channels = std::max<int>(1, int(recipe.integer("data.channels")));
  const bool conditional = recipe.text("gan.labels") == "conditional";
  Gan gan(gan_options(recipe, channels, conditional ? 2 : 0), 0, "launches");
  const GanOptions& o = gan.options();
  const Tensor real = Tensor::zeros(image_extents(o.network, o.batch));
  const Tensor labels =
      conditional ? Tensor::from(std::vector<std::int32_t>(std::size_t(o.batch)), {o.batch})
                  : Tensor();
  const int extra = gan_schedule(recipe).n_critic - 1;
  simt::reset_launch_counts();
  for (int i = 0; i < extra; ++i) gan.train_discriminator(real, labels);
  gan.step(real, labels);
  return simt::launch_counts();
}

}  // namespace

TEST_CASE("launches of an iteration of each shipped GAN") {
  if (!sanitized) return;  // names are known there
  const DryRun dry;
  std::string table = "| recipe | kernels | of them products |\n";
  for (const RecipeSummary& summary : Recipe::list()) {
    Recipe recipe = Recipe::shipped(summary.name);
    recipe.apply_quick();  // narrower layers: as many kernels
    const simt::LaunchCounts counts = launches_of(recipe);
    std::uint64_t products = 0;
    for (const auto& [name, count] : counts.by_name) {
      if (name.starts_with("multiply_on_tensor_cores<")) products += count;
      if (std::getenv("LAUNCHES")) std::cerr << summary.name << " " << count << " " << name << "\n";
    }
    table += "| " + summary.name + " | " + std::to_string(counts.kernels) + " | " +
             std::to_string(products) + " |\n";
    CHECK(products > 0);
    if (summary.name == "headct-dcgan32") CHECK(counts.kernels <= 120);
  }
  WARN(table);
}
