#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/models/gan.h>
#include <ganymede/models/gan_notes.h>
#include <ganymede/models/gan_schedule.h>
#include <ganymede/models/gan_watch.h>
#include <ganymede/models/resident_set.h>
#include <ganymede/models/sampler.h>

namespace ganymede {

/// Losses as they were logged: means over the iterations since the entry before, about 500 entries
/// in a training.
struct GanHistory {
  std::vector<float> iteration;
  /// The mean of the losses on reals and on fakes; wasserstein: the critic's whole loss.
  std::vector<float> discriminator;
  std::vector<float> generator;
  /// As GanLosses'.
  std::vector<float> score_real, score_fake;

  /// The critic's estimate of the Wasserstein distance up to its Lipschitz constant: E D(real) - E
  /// D(fake), one entry each.
  std::vector<float> wasserstein() const;
};

/// A GAN on its way through a set of resident images: order of the images, progress, history and
/// the checkpoint that holds them all. Stopped and resumed at any iteration it ends with the same
/// bits.
class GanTraining {
 public:
  /// An iteration is a discriminator step; `schedule.epochs` passes over the images make
  /// ceil(epochs N / batch) of them. Conditional networks draw each class equally often. Random
  /// numbers follow from seed and path. Works on the stream that is current now. Throws as
  /// require_valid, SettingError where schedule.epochs never end, UsageError for an empty set,
  /// images of another size than the networks', and a conditional GAN's labels that are missing or
  /// no class.
  GanTraining(const GanOptions& options, const GanSchedule& schedule, ResidentSet images,
              std::uint64_t seed, const std::string& path);

  std::int64_t iterations() const { return iterations_; }
  std::int64_t done() const { return done_; }
  std::int64_t generator_updates() const { return updates_; }
  double epochs_done() const;
  /// All iterations done, or ended early by the watch.
  bool finished() const { return done_ >= iterations_ || (watch_ && watch_->gave_up()); }

  /// Looks at the generator from now on; to be called before the first iteration or resume.
  void watch(GanWatch watch) { watch_.emplace(std::move(watch)); }
  /// What the watch found; null without one.
  const WatchHistory* watched() const { return watch_ ? &watch_->history() : nullptr; }

  /// One iteration, and a generator step where one is due; logs its losses where that is due.
  /// Throws Error when a loss is no longer finite.
  void advance();
  Gan& gan() { return gan_; }
  const GanHistory& history() const { return history_; }

  /// As Gan::sample; a generator of variations varies the training images, in their order. Once
  /// finished it is the best generator's where the watch kept it.
  Tensor sample(std::int64_t n, Rng& rng, int of_class = 0);
  /// The same of the generator as it is now.
  Tensor sample_now(std::int64_t n, Rng& rng, int of_class = 0);
  /// Everything that `resume` needs, in one file, and `notes`.
  void save(const std::string& path, const GanNotes& notes);
  /// Throws FormatError for a file of another network, seed or data count; what it has read until
  /// then stays, so that the training is no longer of use.
  void resume(const std::string& path);
  /// The two networks alone, as weight files that Keras loads, and `notes`; the generator is the
  /// one that `sample` takes.
  void save_weights(const GanNotes& notes, const std::string& generator_path,
                    const std::string& discriminator_path);

 private:
  void follow_learning_rate();
  void follow_noise();
  Tensor augmented(const Tensor& real) const;
  Tensor sources(std::int64_t n) const;
  Sequential* kept_generator();
  void log();

  Gan gan_;
  GanSchedule schedule_;
  ResidentSet data_;
  Tensor index_, labels_;
  EpochSampler order_;
  std::optional<BalancedSampler> balanced_;  // of a conditional GAN
  std::int64_t iterations_, done_ = 0, log_every_;
  std::int64_t updates_ = 0, since_update_ = 0;
  bool late_ = false;
  std::uint64_t seed_;
  std::string path_;
  GanHistory history_;
  std::optional<GanWatcher> watch_;
};

}  // namespace ganymede
