#pragma once

#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/gan_training.h>

#include <ganymede/tools/study/gan_jobs.h>

namespace ganymede::study {

/// Where a GAN's training is kept in a run folder.
struct GanFiles {
  std::string checkpoint, generator, discriminator, samples;
};

/// Trains until finished, from the checkpoint where there is one: shows progress, saves every
/// gan.checkpoint_minutes, draws a grid of samples every gan.sample_every iterations. Its files and
/// its name in the run's log are gan/`where`. Throws Interrupted, with the state saved, when
/// somebody asked to stop. `notes` are kept in its files.
GanFiles run_training(GanTraining& training, const Recipe& recipe, const RunFolder& folder,
                      const std::string& where, const std::string& title, const GanNotes& notes);

/// Images a second of that training as it was measured when it ran; null where the log lacks it.
nlohmann::json logged_speed(const RunFolder& folder, const std::string& where);

/// "hemorrhage/seed0"
std::string gan_place(const Unit& unit, const GanJob& job);

/// The GAN of one job and unit, trained (or loaded, where it was).
std::unique_ptr<GanTraining> train_gan(const Context& context, const Unit& unit, const GanJob& job);

/// The same before any training, for comparison.
std::unique_ptr<GanTraining> untrained_gan(const Context& context, const Unit& unit,
                                           const GanJob& job);

}  // namespace ganymede::study
