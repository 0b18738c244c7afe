#pragma once
// The convolutions of a training step, each timed alone.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <ganymede/models/recipe.h>

#include "works.h"

namespace ganymede::bench {

/// One contraction, and how often a step calls it.
struct Contraction {
  Work work;
  int calls;                ///< of a classifier's step, or of Gan::step
  int discriminator_calls;  ///< of Gan::train_discriminator
  std::vector<double> seconds{};
  std::vector<double> vendor_seconds{};  ///< empty: not compared
};
using Contractions = std::vector<Contraction>;

/// Those of a GAN without a gradient penalty, whose second derivatives are not counted here.
Contractions gan_contractions(const BenchGan& gan);
Contractions classifier_contractions(const Recipe& recipe, const std::string& network, int batch);

/// Times each once more; with `vendor` also by the vendor's kernels.
void time_each(Stream& stream, Contractions& parts, bool vendor);

/// Prints medians and their sum beside the step's `seconds`, and adds them to j.
void report_contractions(const Contractions& parts, double seconds, nlohmann::json& j);
/// The same for both steps of a GAN.
void report_contractions(const Contractions& parts, double seconds, double discriminator_seconds,
                         nlohmann::json& j);

}  // namespace ganymede::bench
