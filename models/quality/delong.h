#pragma once

#include <ganymede/models/quality/significance.h>

#include <span>

namespace ganymede::quality {

/// AUC with DeLong's variance (DeLong, DeLong and Clarke-Pearson 1988; fast form by midranks,
/// Sun and Xu 2014). Each image counts as independent: use the bootstrap where patients repeat.
struct DeLong {
  double auc;
  double variance;
};
DeLong delong(std::span<const double> scores, std::span<const int> labels, int positive);

/// Two classifiers on the same images.
struct PairedDeLong {
  double auc_a, auc_b;
  double difference;  ///< a - b
  double standard_error;
  double p;  ///< two-sided; 1 where the two rank the images alike
};
PairedDeLong paired_delong(std::span<const double> scores_a, std::span<const double> scores_b,
                           std::span<const int> labels, int positive);

/// AUC +- z sqrt(variance), clipped to [0, 1]; where DeLong's variance is 0 (perfect separation)
/// newcombe_auc_interval, because [1, 1] would be a lie.
Interval auc_interval(std::span<const double> scores, std::span<const int> labels, int positive,
                      double level = .95);

/// Interval of an AUC from its value and the numbers of images alone (Newcombe 2006, method 5: the
/// score interval with Hanley and McNeil's variance). Never degenerate.
Interval newcombe_auc_interval(double auc, double positives, double others, double level = .95);

}  // namespace ganymede::quality
