#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <ganymede/models/gan_training.h>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>

namespace ganymede::study {

/// Where a GAN's training is kept in a run folder.
struct GanFiles {
  std::string checkpoint, generator, discriminator, samples;
};

/// One training on its way: from its checkpoint where there is one; it shows progress, logs, saves
/// every gan.checkpoint_minutes and draws a grid of samples every gan.sample_every iterations. What
/// it is given must outlive it.
class GanRun {
 public:
  /// Its files and its name in the run's log are gan/`where`; `notes` are kept in its files.
  GanRun(GanTraining& training, const Recipe& recipe, const RunFolder& folder,
         const std::string& where, const std::string& title, const GanNotes& notes,
         ProgressStyle style = ProgressStyle::of_stderr());

  /// Everything done and written.
  bool finished() const { return finished_; }
  /// An iteration, and what is due behind it; the last one writes all files.
  void advance();
  /// Saves the state, and says where it stopped.
  Interrupted stopped();
  const GanFiles& files() const { return files_; }

 private:
  void log_what_is_new(std::size_t losses, std::size_t looks);
  void save();
  void finish();

  GanTraining& training_;
  GanFiles files_;
  std::string name_, title_;
  GanNotes notes_;
  RunLog log_;
  Progress progress_;
  double minutes_;      ///< between two checkpoints
  std::int64_t every_;  ///< iterations between two grids
  std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
  bool finished_ = false;
};

/// Whether gan/`where` of a run folder was trained to its end.
bool is_trained(const RunFolder& folder, const std::string& where);

/// Runs it to its end. Throws Interrupted, with the state saved, when somebody asked to stop.
void run_to_end(GanRun& run);

/// Images a second of that training as it was measured when it ran; null where the log lacks it.
nlohmann::json logged_speed(const RunFolder& folder, const std::string& where);

}  // namespace ganymede::study
