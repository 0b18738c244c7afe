#pragma once

#include <ganymede/models/quality/metric.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// A figure of each seed, and what they come to.
struct SeedSummary {
  double mean = 0;
  double sd = 0;  ///< between the seeds (n - 1); 0 for one seed
  std::vector<double> per_seed;
};

/// For each class the share of its test images that is recognised, in [0, 1]; NaN for a class
/// without test images. With folds the images of all of them are counted together: unlike scores,
/// decisions of different classifiers are on one scale.
/// Errors: as confusion_matrix; DataError for no seed.
std::vector<SeedSummary> class_recalls(const TestSamples& samples,
                                       std::span<const Predictions> seeds);

}  // namespace ganymede::quality
