#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/latent_encoder.h>
#include <ganymede/models/resident_set.h>
#include <ganymede/models/sampler.h>

namespace ganymede {

/// Losses as they were logged: means over the iterations since the entry before, about 500 entries
/// in a training.
struct EncoderHistory {
  std::vector<float> iteration, loss, pixels, features;
};

/// A latent encoder on its way through a set of resident images: their order, progress, history
/// and the checkpoint that holds them all. Stopped and resumed at any iteration it ends with the
/// same bits.
class EncoderTraining {
 public:
  /// options.steps iterations. Random numbers follow from seed and path. The networks behind
  /// `space` must outlive it and keep their weights. Throws as LatentEncoder, UsageError without
  /// images.
  EncoderTraining(SearchSpace space, const LatentEncoderOptions& options, ResidentSet images,
                  std::uint64_t seed, const std::string& path);

  std::int64_t iterations() const { return encoder_.options().steps; }
  std::int64_t done() const { return done_; }
  bool finished() const { return done_ >= iterations(); }

  /// One iteration; logs its losses where that is due. Throws Error when the loss is no longer
  /// finite.
  void advance();
  LatentEncoder& encoder() { return encoder_; }
  const EncoderHistory& history() const { return history_; }

  /// Everything that `resume` needs, in one file, and the recipe as TOML. The network is called
  /// "encoder" there.
  void save(const std::string& path, const std::string& recipe);
  /// Throws FormatError for a file of another network, seed or data count. That the generator is
  /// the one it was trained for is the caller's to see to.
  void resume(const std::string& path);

 private:
  void log();

  LatentEncoder encoder_;
  ResidentSet data_;
  Tensor index_;
  EpochSampler order_;
  std::uint64_t seed_;
  std::int64_t done_ = 0, log_every_;
  std::string path_;
  EncoderHistory history_;
};

}  // namespace ganymede
