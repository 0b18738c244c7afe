#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/engine/random.h>
#include <ganymede/models/gan_network.h>

namespace ganymede {

/// What the networks are trained for.
enum class GanLoss : std::uint8_t {
  bce,  ///< binary cross-entropy, the generator's loss not saturating (Goodfellow et al. 2014)
  least_squares,  ///< (D - 1)^2 of reals and D^2 of fakes, halved; (D - 1)^2 for the generator
  wasserstein     ///< the critic raises E D(real) - E D(fake) (Arjovsky, Chintala and Bottou 2017)
};

enum class GanOptimizer : std::uint8_t { adam, rmsprop };

/// How the likeness of a variation to its image enters the generator's loss (paper 002): as a
/// weight (1 - SSIM) / 2 through which no gradient flows, of each sample or their mean over the
/// batch; or as SSIM itself, added and differentiated.
enum class SsimTerm : std::uint8_t { none, sample_weight, batch_weight, added };

/// How the two networks are trained against each other. Defaults are paper 000's (reference: its
/// authors' public notebook).
struct GanOptions {
  GanNetworkOptions network{};
  int batch = 16;
  GanLoss loss = GanLoss::bce;
  GanOptimizer optimizer = GanOptimizer::adam;
  float learning_rate = 2e-4f;
  float generator_rate = 0.0f;  ///< of the generator alone; 0: learning_rate
  kernels::AdamOptions adam{.beta1 = 0.5f, .beta2 = 0.999f, .epsilon = 1e-7f};
  kernels::RmsPropOptions rmsprop{.rho = 0.99f, .epsilon = 1e-8f};
  bool uniform_latent = false;  ///< z ~ U(-1, 1) instead of N(0, 1)
  bool sigmoid = true;  ///< least_squares: D is a probability, as in paper 002; else unbounded
  SsimTerm ssim = SsimTerm::none;  ///< iagan64, least_squares
  bool invert_labels = true;       ///< bce: real 0, fake 1
  float label_noise = 0.1f;        ///< bce: targets are up to this far from 0 or 1
  float flip_labels = 0.05f;       ///< bce: int(share * batch) real targets carry the fake label
  float clip = 0.0f;     ///< bound on every discriminator parameter after its step; 0: none
  float penalty = 0.0f;  ///< lambda of the gradient penalty; 0: none
  float ema = 0.0f;      ///< decay of the generator's average; 0: none
  /// bce: one discriminator step on reals and fakes together, each in a pass of its own (as in
  /// PyTorch's tutorial); else a step on reals and one on fakes.
  bool one_step = false;
  /// The generator learns from the fakes that the discriminator was just shown, not from new ones.
  bool reuse_fakes = false;
  /// Standard deviation of the Gaussian noise on whatever the discriminator is shown in training.
  float input_noise = 0.0f;
};

/// Throws SettingError for options that do not go together, or that the model cannot have.
void require_valid(const GanOptions& options);

/// Means over the batches since they were read last.
struct GanLosses {
  float discriminator_real = 0, discriminator_fake = 0, penalty = 0, generator = 0;
  /// What D says of reals and fakes: the share held to be real, or where it is no probability
  /// (wasserstein; least_squares without sigmoid) the mean score.
  float score_real = 0, score_fake = 0;
  int generator_steps = 0;  ///< that `generator` is the mean of
};

/// A generator, a discriminator, their optimisers and random streams: everything that a step
/// changes. Named by `path` ("gan/hemorrhage") and seed, which fix all random numbers. It works on
/// the stream that is current when it is made, which must outlive it.
class Gan {
 public:
  /// Throws as require_valid.
  Gan(const GanOptions& options, std::uint64_t seed, std::string_view path);
  Gan(const Gan&) = delete;  // its recorded steps know its address
  Gan& operator=(const Gan&) = delete;

  /// A discriminator update on a batch of reals in [-1, 1], N x H x W x C with N = options().batch,
  /// and their classes (i32, N; conditional networks only): bce without one_step an update on reals
  /// and one on fakes, the others one on both. Throws UsageError for another shape.
  void train_discriminator(const Tensor& real, const Tensor& labels = {});
  /// The same, and a generator step after it.
  void step(const Tensor& real, const Tensor& labels = {});
  /// Means since the last call; waits for the device.
  GanLosses losses();

  /// n images in [-1, 1] from the generator in inference mode (averaged weights where ema > 0); the
  /// noise comes from `rng`. Conditional networks make images of class `of_class`; those that make
  /// variations (iagan64) take the images to vary, in turn. Throws UsageError for a class that they
  /// do not know, SettingError where sources are missing, ShapeError for those of other extents.
  Tensor sample(std::int64_t n, Rng& rng, int of_class = 0, const Tensor& sources = {});

  /// What the discriminator in inference mode says of images (N x H x W x C in [-1, 1]), all of
  /// class `of_class`: higher is more real.
  std::vector<float> score(const Tensor& images, int of_class = 0);

  /// Runs `body` while the generator holds its averaged weights; its own where there is no average.
  template <class Body>
  void with_average(Body body) {
    const auto swap = [this] {
      if (average_) swap_values(generator_parameters_, average_->shadows());
    };
    swap();
    try {
      body();
    } catch (...) {
      swap();
      throw;
    }
    swap();
  }

  /// Of the noise on the discriminator's input from now on. Throws UsageError where
  /// options().input_noise is 0: the noise is no part of the step then.
  void set_input_noise(float deviation);
  /// Of the discriminator; the generator's changes by the same factor (options().generator_rate).
  void set_learning_rate(float rate);

  const GanOptions& options() const { return options_; }
  Sequential& generator() { return *generator_; }
  Sequential& discriminator() { return *discriminator_; }
  Optimizer& generator_optimizer() { return *generator_optimizer_; }
  Optimizer& discriminator_optimizer() { return *discriminator_optimizer_; }
  /// The random streams whose positions a checkpoint must hold.
  std::vector<Rng*> random_streams();
  /// Sums and counts behind losses(): what a checkpoint must hold for the next reading to be the
  /// same.
  std::vector<float> loss_sums() const { return sums_.host(); }
  void restore_loss_sums(const std::vector<float>& sums) { sums_.assign(sums); }

 private:
  Tensor targets(bool real);
  void draw_for_both();
  Tensor latent_batch();
  Var generator_batch();
  Tensor fakes();
  Var noisy(const Var& images);
  void least_squares_step();
  Var generator_loss_of(const Var& images, const Var& scores);
  Var judge(const Var& images);
  Var penalty_on(const Tensor& fake);
  void keep(int slot, const Tensor& value);
  void add_kept();
  void take(const Tensor& real, const Tensor& labels);
  void update_discriminator(const Var& loss);
  void entropy_steps();
  void discriminator_step_alone();
  void critic_step();
  void discriminator_step();
  void generator_step();

  GanOptions options_;
  Rng noise_, labels_noise_, mix_, input_noise_;
  std::unique_ptr<Sequential> generator_, discriminator_;
  OptimizerPtr generator_optimizer_, discriminator_optimizer_;
  Ema* average_ = nullptr;
  Vars generator_parameters_, discriminator_parameters_;
  Tensor real_, labels_;       // the batch of this step, at fixed addresses
  Tensor deviation_;           // of the noise on the discriminator's input; on the device
  std::vector<Tensor> drawn_;  // noise for the generator's next batches, the next one last
  Var shown_;                  // the fakes of this step, for the generator to learn from
  Tensor one_, wanted_;        // constants: a step, what the generator wants a fake's label to be
  std::vector<std::pair<int, Tensor>> kept_;  // slots of sums_ and what this step adds to them
  Tensor sums_;  // of what losses() gives, and how many steps of each network, on the device
  std::unique_ptr<Captured> discriminator_alone_, both_;
};

}  // namespace ganymede
