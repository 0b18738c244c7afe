#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ganymede::quality {

/// Counts of (true class, predicted class). Classes are 0 .. classes-1.
struct Confusion {
  int classes = 0;
  std::vector<std::int64_t> counts;  ///< counts[truth * classes + predicted]

  std::int64_t at(int truth, int predicted) const { return counts[truth * classes + predicted]; }
  std::int64_t total() const;
  std::int64_t of_class(int truth) const;          ///< images whose true class this is
  std::int64_t predicted_as(int predicted) const;  ///< images taken for this class
  Confusion& operator+=(const Confusion& other);   ///< throws ShapeError for other class counts
};

/// Throws ShapeError where the lengths differ, DataError where a label is outside the classes.
Confusion confusion_matrix(std::span<const int> truth, std::span<const int> predicted, int classes);

/// Share of images on the diagonal, in [0, 1]. These functions return NaN where they are undefined
/// (0/0): no image, or no image of the class asked for.
double accuracy(const Confusion& confusion);

/// Mean over the classes of the share of that class recognised.
double balanced_accuracy(const Confusion& confusion);

/// Share of the positives recognised (recall, true positive rate).
double sensitivity(const Confusion& confusion, int positive);

/// Share of all others not taken for positive (true negative rate).
double specificity(const Confusion& confusion, int positive);

/// 2 TP / (2 TP + FP + FN) of one class: 0 where each image of it is missed, NaN where it neither
/// occurs nor is predicted.
double class_f1(const Confusion& confusion, int of_class);

/// Two classes: of the positive one; more: the mean over the classes that occur.
double f1(const Confusion& confusion, int positive);

/// Cohen's kappa with squared weights, for ordered classes: 1 agreement, 0 chance.
double quadratic_kappa(const Confusion& confusion);

/// The class with the most labels (of equal ones the lowest), and its share in (0, 1]: the accuracy
/// of always answering with it.
struct Majority {
  int of_class = 0;
  double share = 0;
};

/// Throws DataError where there is no label or one is outside 0 .. classes-1.
Majority majority_class(std::span<const int> labels, int classes);

/// The class of the largest of each row of `scores` (n x classes); the lowest class on a tie.
std::vector<int> argmax_rows(std::span<const double> scores, int classes);

}  // namespace ganymede::quality
