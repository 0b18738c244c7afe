#pragma once
// The training of a classifier, one step at a time.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/engine/capture.h>
#include <ganymede/models/classifier_training.h>

namespace ganymede {

/// That a network tells apart in the set's images.
int classes_of(Classifier& network, const ResidentSet& set, const ClassifierOptions& options);

/// What a step leaves behind. Loss (a scalar) and logits (batch x classes) stay on the device, so
/// that a step waits for nothing; `labels` are the batch's.
struct ClassifierStep {
  Tensor loss, logits;
  std::vector<std::int32_t> labels;
};

/// An optimiser with all that its steps need: the order of images, augmentation, class weights. The
/// network, the set and the options must outlive it, as must the stream that is current when it is
/// made: on CUDA forward, backward and update are one graph from the second step on. Random choices
/// come from seed and path.
class ClassifierSteps {
 public:
  /// Throws SettingError for an unknown options.optimizer, UsageError where a label of the set is
  /// not a class of the network's.
  ClassifierSteps(Classifier& network, const ResidentSet& training,
                  const ClassifierOptions& options, std::uint64_t seed, const std::string& path);
  ClassifierSteps(const ClassifierSteps&) = delete;  // the graph holds its address
  ClassifierSteps& operator=(const ClassifierSteps&) = delete;

  /// Step number `step` (from 1): a batch gathered and augmented, forward, loss, gradients, update.
  ClassifierStep take(int step);

 private:
  /// Forward, loss, gradients and update of the batch in `images_` and `targets_`.
  void learn();
  /// In training mode; of a frozen base its features in inference mode, which nothing moves.
  Var logits_of(const Tensor& images);
  Tensor targets_of(const std::vector<std::int32_t>& labels) const;

  Classifier& network_;
  const ResidentSet& training_;
  const ClassifierOptions& o_;
  Vars trained_;
  OptimizerPtr optimizer_;
  int classes_ = 0;
  std::function<std::vector<std::int32_t>(std::int64_t iteration)> batches_;
  std::optional<ClassicAugmentation> augment_;
  Tensor weights_;
  Tensor images_, targets_;  ///< a batch, always in the same memory
  Tensor loss_, logits_;     ///< of the latest step, likewise
  Captured learn_;
};

}  // namespace ganymede
