#pragma once
// f-AnoGAN (Schlegl et al. 2019): instead of a search for each image one network that answers with
// its z.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <ganymede/engine/capture.h>
#include <ganymede/engine/optimizer.h>
#include <ganymede/models/gan_network.h>
#include <ganymede/models/latent_match.h>

namespace ganymede {

/// Defaults are those of the authors' code (izi_f), but for what `network` says.
struct LatentEncoderOptions {
  /// Of anogan_encoder: side and channels of the images, width; the length of z is the space's.
  GanNetworkOptions network{};
  /// z = tanh(.), though the generator knows z ~ N(0, 1). The published form: it keeps z where the
  /// generator has learnt to answer, so that what is strange in an image cannot be met by a far z.
  /// The price: the third of a normal z's numbers that lie beyond 1 are out of reach.
  bool bounded = true;
  int steps = 50'000;           ///< of a training, at least 1
  int batch = 64;               ///< images in a step, at least 1
  float learning_rate = 5e-5f;  ///< of RMSprop
  kernels::RmsPropOptions rmsprop{.rho = 0.9f, .epsilon = 1e-8f};
  float kappa = 1.0f;           ///< weight of the features in the loss, not negative
  float feature_weight = 0.2f;  ///< l in [0, 1] of the score A of an answer (LatentMatch)
  int at_once = 64;             ///< queries answered in one batch
};

/// Throws SettingError for options outside their ranges.
void require_valid(const LatentEncoderOptions& options);

/// Means over the steps since they were read last: pixels = MSE(x, G(E(x))), features = MSE(f(x),
/// f(G(E(x)))), loss = pixels + kappa features.
struct EncoderLosses {
  float loss = 0, pixels = 0, features = 0;
};

/// The encoder E of a search space, its optimiser and all that a step changes. The space's own
/// networks are never changed. Named by path and seed, which fix the first weights.
class LatentEncoder {
 public:
  /// Throws as require_valid, and SettingError for sides that anogan_encoder cannot have.
  LatentEncoder(SearchSpace space, const LatentEncoderOptions& options, std::uint64_t seed,
                std::string_view path);
  LatentEncoder(const LatentEncoder&) = delete;  // what is recorded knows its address
  LatentEncoder& operator=(const LatentEncoder&) = delete;

  /// One update on a batch of images in [-1, 1], N x H x W x C with N = options().batch. Throws
  /// UsageError for another shape.
  void step(const Tensor& images);
  /// Waits for the device.
  EncoderLosses losses();

  /// z = E(x), G(z) and how far that is from x, for images as `step` takes them but of any number:
  /// each as if it were alone, to the bit. Throws ShapeError for something else.
  LatentMatches run(const Tensor& queries);

  const LatentEncoderOptions& options() const { return options_; }
  Sequential& network() { return *network_; }
  Optimizer& optimizer() { return *optimizer_; }
  /// Sums behind losses(): what a checkpoint must hold for the next reading to be the same.
  std::vector<float> loss_sums() const { return sums_.host(); }
  void restore_loss_sums(const std::vector<float>& sums) { sums_.assign(sums); }

 private:
  void update();
  void answer(const Tensor& queries, std::int64_t begin, std::int64_t end, LatentMatches& to);

  SearchSpace space_;
  LatentEncoderOptions options_;
  std::unique_ptr<Sequential> network_;
  Vars parameters_;
  OptimizerPtr optimizer_;
  Tensor images_;  // the batch of this step, at a fixed address
  Tensor sums_;    // of loss, pixels, features and of steps, on the device
  std::unique_ptr<Captured> captured_;
};

}  // namespace ganymede
