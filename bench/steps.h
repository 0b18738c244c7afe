#pragma once
// Whole training steps of a recipe's networks, timed.

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <ganymede/kernels/stream.h>
#include <ganymede/models/recipe.h>

#include "measure.h"
#include "shapes.h"

namespace ganymede::bench {

struct StepOptions {
  int batch = 0;  ///< 0: the recipe's
  int rounds = 5, steps = 4;
  int classes = 5;      ///< of the classifiers and of conditional GANs
  bool parts = true;    ///< convolutions timed alone
  bool vendor = false;  ///< these by the vendor's kernels too
};

/// A GAN on a batch that is on the device already: a step of the discriminator, the same with a
/// step of the generator behind it, and a cycle of n_critic steps of the discriminator and one of
/// the generator. Prints, and gives the numbers.
nlohmann::json time_gan(Stream& stream, BenchGan gan, const StepOptions& options);

/// One of the recipe's classifiers from gathering a batch of u8 images to the optimiser's step,
/// without augmentation. Prints, and gives the numbers.
nlohmann::json time_classifier(Stream& stream, const Recipe& recipe, const std::string& network,
                               const StepOptions& options);

/// Seconds per call of `step` over `calls` calls, the device's work included.
template <class Step>
double seconds_per_call(Stream& stream, int calls, const Step& step) {
  using Clock = std::chrono::steady_clock;
  stream.synchronize();
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) step();
  stream.synchronize();
  return std::chrono::duration<double>(Clock::now() - start).count() / calls;
}

}  // namespace ganymede::bench
