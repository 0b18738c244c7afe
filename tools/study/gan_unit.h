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

/// How many of the GANs that a study has yet to train do so at once: context.gans_at_once, or as
/// many as fit.
int gans_at_once(const Context& context);

/// Trains the GANs of all units, gans_at_once of them at a time, each on a stream of its own, and
/// the host queues their iterations in turn; train_gan then loads them. With the own kernels each
/// comes out as it would alone. One at a time: does nothing, they are trained where they are asked
/// for. Throws as run_to_end, and what fails first; the other states are saved.
void train_gans(const Context& context);

}  // namespace ganymede::study
