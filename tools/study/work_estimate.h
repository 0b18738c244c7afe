#pragma once

#include <cstdint>
#include <functional>

#include <ganymede/models/gan.h>

namespace ganymede::study {

/// What a study is going to do, measured where it can be: its units, the time they take on this
/// machine (one step of each network is timed), memory and disk.
struct WorkEstimate {
  std::int64_t gans = 0, gan_iterations = 0, classifiers = 0, classifier_steps = 0;
  std::int64_t detectors = 0, detector_iterations = 0, searches = 0;
  double seconds = 0;
  double memory_bytes = 0, disk_bytes = 0;
};

/// Bytes of a network's parameters with both Adam moments, and of its weights alone.
struct NetworkBytes {
  double training, file;
};
NetworkBytes bytes_of(Module& module);

double seconds_of(const std::function<void()>& body);
/// Of one iteration of both networks on noise; the first one warms up.
double seconds_of_step(Gan& gan);
/// Of an iteration without the generator's step.
double seconds_of_discriminator_step(Gan& gan);
/// An iteration on noise and what a study does between two: pictures, and scores of them.
void run_once(Gan& gan);
/// What the training and the files of so many such GANs take; `memory` at its peak.
void add_gan_sizes(Gan& gan, std::int64_t gans, double memory, WorkEstimate& plan);

}  // namespace ganymede::study
