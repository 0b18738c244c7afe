#pragma once

#include <span>

namespace ganymede::quality {

/// exp(mean over images of KL(p(y|x) || p(y))): between 1 and the number of classes (Salimans et
/// al. 2016).
struct InceptionScore {
  double mean = 0;  ///< over the splits
  double sd = 0;    ///< between the splits, divided by their number as published; 0 for one
  int splits = 0;
};

/// `probabilities` is n x classes, a row per image, as a classifier's softmax gives them. Split s
/// is images s n / splits to (s + 1) n / splits, as published: images sorted by class want a
/// shuffle first. The classifier is part of the score: it is "Inception" only with Inception's
/// 1,000 classes. Throws ShapeError where they do not fill the rows, DataError for a negative or
/// not finite value, a row whose sum is off 1 by more than 1e-3, or fewer images than splits;
/// UsageError for fewer than 1 split.
InceptionScore inception_score(std::span<const float> probabilities, int classes, int splits = 10);

}  // namespace ganymede::quality
