#pragma once

#include <memory>
#include <string>

#include <ganymede/models/gan_training.h>

#include <ganymede/tools/study/gan_jobs.h>

namespace ganymede::study {

/// "hemorrhage/seed0"
std::string gan_place(const Unit& unit, const GanJob& job);

/// The GAN of one job and unit, trained (or loaded, where it was). Throws as run_to_end.
std::unique_ptr<GanTraining> train_gan(const Context& context, const Unit& unit, const GanJob& job);

/// The same before any training, for comparison.
std::unique_ptr<GanTraining> untrained_gan(const Context& context, const Unit& unit,
                                           const GanJob& job);

/// Trains the GANs of all units, `context.gans_at_once` of them at a time, each on a stream of its
/// own, and the host queues their iterations in turn; train_gan then loads them. Each comes out as
/// it would alone. One at a time: does nothing, they are trained where they are asked for. Throws
/// as run_to_end, with all states saved, and what fails the first of them.
void train_gans(const Context& context);

/// That train at once where nobody says how many: as many as fit into the device's memory, at most
/// 4, since a small GAN fills a part of a GPU. On the CPU one, which keeps its cores busy.
int gans_that_fit(const GanOptions& options);

}  // namespace ganymede::study
