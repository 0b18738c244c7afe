#pragma once

#include <span>
#include <vector>

namespace ganymede::quality {

/// Positions of `values` in ascending order; equal values keep their order.
std::vector<int> sorted_order(std::span<const double> values);

/// Ranks from 1; tied values share the mean of their ranks.
std::vector<double> midranks(std::span<const double> values);

/// Area under the ROC curve: the chance that a positive scores above another image, ties counted
/// half. Throws ShapeError where lengths differ, DataError where a side is empty or a score is NaN.
double auc(std::span<const double> scores, std::span<const int> labels, int positive);

/// Mean over the classes of the one-vs-rest AUC. `scores` is n x classes, row-major.
double macro_auc(std::span<const double> scores, std::span<const int> labels, int classes);

/// The share of others (x) and of positives (y) that score at least `threshold`.
struct RocPoint {
  double threshold;
  double false_positive_rate;
  double true_positive_rate;
};

/// From (0, 0), threshold infinity, to (1, 1): one point for each distinct score. Errors as auc().
std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const int> labels,
                                int positive);

/// Mean of several curves (seeds, folds) at equal false positive rates, jumps kept: the area under
/// it is the mean of their areas. Thresholds are NaN. Throws DataError for no curve.
std::vector<RocPoint> mean_roc(std::span<const std::vector<RocPoint>> curves);

/// A decision rule: positive where score >= threshold.
struct ThresholdChoice {
  double threshold;
  double sensitivity;
  double specificity;
  double youden;  ///< sensitivity + specificity - 1
};

/// The threshold with the largest Youden index; to be called on validation scores only. Candidates
/// lie midway between neighbouring scores, so that it moves as little as possible with either one.
/// Of equally good ones the nearest to .5 wins, then the lower. Errors as auc().
ThresholdChoice choose_threshold(std::span<const double> scores, std::span<const int> labels,
                                 int positive);

/// `positive` where score >= threshold, else `negative`.
std::vector<int> apply_threshold(std::span<const double> scores, double threshold, int positive,
                                 int negative);

}  // namespace ganymede::quality
