// How many kernels an iteration of each shipped GAN is: what one captured graph holds. The emulated
// device has one multiprocessor, so that few products are split along k; a larger device adds a
// second pass to those that its planner splits into more parts than a cluster has blocks.
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

enum class Size : std::uint8_t { quick, full };  ///< quick widths make as many kernels

/// A recipe's GAN and a batch for it, on a stream of its own in
/// TF32, as training is on CUDA.
class Subject {
 public:
  explicit Subject(Recipe recipe, Size size = Size::quick) : scope_(in_tf32(stream_)) {
    if (size == Size::quick) recipe.apply_quick();
    const int channels = std::max<int>(1, int(recipe.integer("data.channels")));
    const bool conditional = recipe.text("gan.labels") == "conditional";
    gan_ = std::make_unique<Gan>(gan_options(recipe, channels, conditional ? 2 : 0), 0, "launches");
    const GanOptions& o = gan_->options();
    real_ = Tensor::zeros(image_extents(o.network, o.batch));
    if (conditional)
      labels_ = Tensor::from(std::vector<std::int32_t>(std::size_t(o.batch)), {o.batch});
    critic_steps_ = gan_schedule(recipe).n_critic;
  }
  /// The discriminator's steps, then the generator's.
  void iterate() {
    for (int i = 1; i < critic_steps_; ++i) gan_->train_discriminator(real_, labels_);
    gan_->step(real_, labels_);
  }

 private:
  static Stream& in_tf32(Stream& stream) {
    stream.set_math_mode(MathMode::tf32);
    return stream;
  }
  Stream stream_{cuda_device()};
  StreamScope scope_;
  std::unique_ptr<Gan> gan_;
  Tensor real_, labels_;
  int critic_steps_ = 1;
};

simt::LaunchCounts launches_of(const Recipe& recipe, Size size = Size::quick) {
  Subject subject(recipe, size);
  simt::reset_launch_counts();
  subject.iterate();
  return simt::launch_counts();
}

}  // namespace

TEST_CASE("launches of an iteration of each shipped GAN") {
  if (!sanitized) return;  // names are known there
  const DryRun dry;
  std::string table = "| recipe | kernels | of them products |\n";
  for (const RecipeSummary& summary : Recipe::list()) {
    const simt::LaunchCounts counts = launches_of(Recipe::shipped(summary.name));
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

TEST_CASE("launches of an iteration of paper 000's GAN at full size on 132 multiprocessors") {
  if (!sanitized) return;
  const DryRun dry;
  simt::set_multiprocessors(132);
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  const simt::LaunchCounts counts = launches_of(recipe, Size::full);
  simt::set_multiprocessors(1);
  std::uint64_t second_passes = 0;
  for (const auto& [name, count] : counts.by_name)
    if (name.starts_with("add_splits<")) second_passes += count;
  CHECK(counts.kernels <= 120);
  WARN(counts.kernels << " kernels, " << second_passes << " of them second passes");
}

TEST_CASE("an iteration of each shipped GAN allocates nothing after the second") {
  const DryRun dry;
  for (const RecipeSummary& summary : Recipe::list()) {
    INFO(summary.name);
    Subject subject(Recipe::shipped(summary.name));
    subject.iterate();
    subject.iterate();
    const std::uint64_t before = simt::device_allocations();
    for (int i = 0; i < 3; ++i) subject.iterate();
    CHECK(simt::device_allocations() == before);
  }
}
