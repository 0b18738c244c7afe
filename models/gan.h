#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>
#include <ganymede/models/dcgan.h>

namespace ganymede {

/// How the two networks are trained against each other. Defaults are paper 000's (reference: its
/// authors' public notebook).
struct GanOptions {
  DcganOptions network{};
  int batch = 16;
  float learning_rate = 2e-4f;
  kernels::AdamOptions adam{.beta1 = 0.5f, .beta2 = 0.999f, .epsilon = 1e-7f};
  bool uniform_latent = false;  ///< z ~ U(-1, 1) instead of N(0, 1)
  bool invert_labels = true;    ///< real 0, fake 1
  float label_noise = 0.1f;     ///< targets are up to this far from 0 or 1
  float flip_labels = 0.05f;    ///< int(share * batch) real targets carry the fake label
  float penalty = 0.0f;         ///< lambda of the gradient penalty; 0: none
  float ema = 0.0f;             ///< decay of the generator's average; 0: none
};

/// Means over the batch of one iteration.
struct GanLosses {
  float discriminator_real = 0, discriminator_fake = 0, generator = 0;
  float confidence_real = 0, confidence_fake = 0;  ///< how likely D holds reals / fakes to be real
};

/// A generator, a discriminator, their optimisers and random streams: everything that one iteration
/// changes. Named by `path` ("gan/hemorrhage") and seed, which fix all random numbers.
class Gan {
 public:
  Gan(const GanOptions& options, std::uint64_t seed, std::string_view path);

  /// One iteration on a batch of reals in [-1, 1], N x H x W x C with N = options().batch: a
  /// discriminator step on reals, one on fakes, and a generator step, each followed by its Adam.
  /// Throws UsageError for another shape.
  void step(const Tensor& real);
  /// Losses of the last step; waits for the device.
  GanLosses losses() const;

  /// n images in [-1, 1] from the generator in inference mode (averaged weights where ema > 0); the
  /// noise comes from `rng`.
  Tensor sample(std::int64_t n, Rng& rng);

  /// Runs `body` while the generator holds its averaged weights; its own where there is no average.
  template <class Body>
  void with_average(Body body) {
    if (average_) swap_values(generator_parameters_, average_->shadows());
    body();
    if (average_) swap_values(generator_parameters_, average_->shadows());
  }

  const GanOptions& options() const { return options_; }
  Sequential& generator() { return *generator_; }
  Sequential& discriminator() { return *discriminator_; }
  Optimizer& generator_optimizer() { return *generator_optimizer_; }
  Optimizer& discriminator_optimizer() { return *discriminator_optimizer_; }
  /// The random streams whose positions a checkpoint must hold.
  std::vector<Rng*> random_streams() { return {&noise_, &labels_, &mix_}; }

 private:
  Tensor targets(bool real);
  void generator_step();
  void keep(int slot, const Tensor& value);
  void iterate();

  GanOptions options_;
  Rng noise_, labels_, mix_;
  std::unique_ptr<Sequential> generator_, discriminator_;
  OptimizerPtr generator_optimizer_, discriminator_optimizer_;
  Ema* average_ = nullptr;
  Vars generator_parameters_, discriminator_parameters_;
  Tensor real_;    // the batch of this iteration, at a fixed address
  Tensor losses_;  // [5], on the device
  std::unique_ptr<Captured> iteration_;
};

/// z for n images: N(0, 1), or U(-1, 1).
Tensor draw_latent(const GanOptions& options, std::int64_t n, Rng& rng);

/// n images in [-1, 1] from a generator in inference mode.
Tensor sample_generator(Sequential& generator, const GanOptions& options, std::int64_t n, Rng& rng);

}  // namespace ganymede
