#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/gan.h>
#include <ganymede/models/sampler.h>

namespace ganymede {

/// Losses as they were logged, one entry every `log_every` iterations.
struct GanHistory {
  std::vector<float> iteration, discriminator, generator;  ///< discriminator: mean of real and fake
  std::vector<float> confidence_real, confidence_fake;
};

/// A GAN on its way through a set of resident images: order of the images, progress, history and
/// the checkpoint that holds them all. Stopped and resumed at any iteration it ends with the same
/// bits.
class GanTraining {
 public:
  /// images: N x H x W x C, u8 or u16, of one class. `epochs` passes over them make
  /// ceil(epochs N / batch) iterations. Random numbers follow from seed and path.
  GanTraining(const GanOptions& options, Tensor images, double epochs, bool shuffle,
              std::uint64_t seed, const std::string& path);

  std::int64_t iterations() const { return iterations_; }
  std::int64_t done() const { return done_; }
  double epochs_done() const;
  bool finished() const { return done_ >= iterations_; }

  /// One iteration; logs its losses where it is due. Throws Error when a loss is no longer finite.
  void advance();
  Gan& gan() { return gan_; }
  const GanHistory& history() const { return history_; }

  /// Everything that `resume` needs, in one file; `recipe` is kept with it as text.
  void save(const std::string& path, const std::string& recipe);
  /// Throws FormatError for a file of another network, seed or data count.
  void resume(const std::string& path);

 private:
  void log();

  Gan gan_;
  Tensor images_, index_;
  EpochSampler order_;
  std::int64_t iterations_, done_ = 0, log_every_;
  std::string path_;
  GanHistory history_;
};

/// The two networks alone, as weight files that Keras loads; `recipe` is kept beside them as text.
void save_weights(Gan& gan, const std::string& recipe, const std::string& generator_path,
                  const std::string& discriminator_path);

}  // namespace ganymede
