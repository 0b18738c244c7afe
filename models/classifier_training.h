#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/engine/optimizer.h>
#include <ganymede/models/augment.h>
#include <ganymede/models/classifier.h>
#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/resident_set.h>

namespace ganymede {

/// How a classifier is trained; every arm of a study gets the same.
struct ClassifierOptions {
  int input = 128;  ///< pixels a side that the network sees; images are resized bilinearly
  int batch = 32;
  int steps = 1600;
  int evaluate_every = 160;  ///< steps between two looks at the validation part, at least 1
  std::string optimizer = "rmsprop";  ///< rmsprop | adam | sgd
  float learning_rate = 1e-3f;
  float momentum = 0.9f;      ///< of sgd
  float weight_decay = 0.0f;  ///< L2, added to the gradient
  bool freeze_base = false;   ///< train the last layer only
  /// The loss is the mean over a batch of w_c times the cross-entropy, w_c = N / (K n_c) of the
  /// training set, as Keras's class_weight does.
  bool balanced_weights = false;
  bool balanced_sampling = false;  ///< each class equally often, instead of each image
  std::optional<ClassicOptions> classic{};
  /// A set whose accuracy is noted at each evaluation, for a curve. It is looked at and nothing
  /// else: no weight, no choice and no random number depends on it. Must outlive the training.
  const ResidentSet* watched = nullptr;
  /// Called after each evaluation with the step reached; may throw to stop.
  std::function<void(int step)> on_progress{};
};

/// One look at the validation part. Accuracies are shares of images whose most probable class is
/// right.
struct Evaluation {
  int step = 0;
  double validation_loss = 0, validation_metric = 0;
  /// Means over the batches since the last look, as they were trained on: with augmentation,
  /// dropout and weights.
  double training_loss = 0, training_accuracy = 0;
  double validation_accuracy = 0;
  std::optional<double> watched_accuracy{};  ///< of ClassifierOptions::watched
};

struct TrainedClassifier {
  std::vector<Evaluation> history;
  Evaluation best;  ///< whose weights the network holds now
};

/// Judges scores on the validation part: class probabilities, N x classes row-major, against
/// labels.
using ValidationMetric = std::function<double(const std::vector<float>& probabilities,
                                              const std::vector<std::int32_t>& labels)>;

/// Trains `network` for options.steps steps on `training` and leaves it with the weights of the
/// evaluation with the best validation metric (ties: the lower validation loss, then the earlier).
/// Random choices come from seed and path, which names it in errors. Throws SettingError for an
/// unknown optimizer, UsageError where the validation part is empty or a label is not a class of
/// the network's, Error when the loss is no longer finite.
TrainedClassifier train_classifier(Classifier& network, const ResidentSet& training,
                                   const ResidentSet& validation, const ClassifierOptions& options,
                                   const ValidationMetric& metric, std::uint64_t seed,
                                   const std::string& path);

}  // namespace ganymede
