#pragma once
// The training of a classifier, one step at a time.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/models/classifier_training.h>

namespace ganymede {

/// What a step leaves behind. Loss (a scalar) and logits (batch x classes) stay on the device, so
/// that a step waits for nothing; `labels` are the batch's.
struct ClassifierStep {
  Tensor loss, logits;
  std::vector<std::int32_t> labels;
};

/// An optimiser with all that its steps need: the order of images, augmentation, class weights. The
/// network, the set and the options must outlive it. Random choices come from seed and path.
class ClassifierSteps {
 public:
  /// Throws SettingError for an unknown options.optimizer.
  ClassifierSteps(Classifier& network, const ResidentSet& training,
                  const ClassifierOptions& options, std::uint64_t seed, const std::string& path);

  /// Step number `step` (from 1): a batch gathered and augmented, forward, loss, gradients, update.
  ClassifierStep take(int step);

 private:
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
};

}  // namespace ganymede
