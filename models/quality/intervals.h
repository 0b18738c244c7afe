#pragma once

#include <ganymede/models/quality/metric.h>
#include <ganymede/models/quality/significance.h>

#include <cstdint>
#include <span>
#include <vector>

namespace ganymede::quality {

struct BootstrapOptions {
  int replicates = 10000;
  double level = .95;
  std::uint64_t seed = 0;
};

/// An estimate with what resampling says about it.
struct BootstrapResult {
  double estimate = 0;             ///< mean over the seeds
  double sd = 0;                   ///< between the seeds (n - 1); 0 for one seed
  std::vector<double> per_seed;    ///< the metric, or the difference, of each seed
  Interval interval;               ///< percentile interval
  double standard_error = 0;       ///< sd of the replicates
  double p = 1;                    ///< two-sided, of "no difference"; 1 for a single arm
  double smallest_detectable = 0;  ///< at 80 % power, NaN where standard_error is 0
  int replicates = 0;
};

/// Bootstrap over patients and seeds of a metric's mean over the seeds. A replicate draws, within
/// each fold and each set of labels that a patient bears, as many patients as there are (so that no
/// class is ever empty), and as many seeds as there are, all with replacement: the two sources of
/// chance are crossed, because each seed is tested on the same patients.
/// The result depends on the options alone, not on the number of threads.
/// Where no replicate differs (all images right) the interval is Newcombe's for AUC and Wilson's
/// for shares, over patients; [x, x] would be a lie.
/// Errors: as MetricEvaluator; DataError for no seed or a patient in two folds.
BootstrapResult bootstrap_metric(Metric metric, const TestSamples& samples,
                                 std::span<const Predictions> seeds,
                                 const BootstrapOptions& options = {});

/// The same of `arm` minus `baseline`, paired: element s of both was trained from seed s, and each
/// replicate takes the same patients and seeds in both.
BootstrapResult bootstrap_difference(Metric metric, const TestSamples& samples,
                                     std::span<const Predictions> arm,
                                     std::span<const Predictions> baseline,
                                     const BootstrapOptions& options = {});

}  // namespace ganymede::quality
