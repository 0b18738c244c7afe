#pragma once

#include <memory>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/classifier.h>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// The classifiers that judge and label fakes: select.folds networks, each fitted on the training
/// part without one of its folds. They see neither validation nor test part, and evaluate nothing.
class Selector {
 public:
  /// Trains what is not in the run folder yet, and judges each training image by the network that
  /// has not seen it.
  Selector(const Context& context, const Unit& unit);

  /// Class probabilities of images, N x classes row-major: the mean over the networks.
  std::vector<float> probabilities(const std::vector<Image>& images) const;

  /// Out of fold on the training part: counts of (true class, seen class), rows are the true ones.
  const std::vector<std::int64_t>& confusion() const { return confusion_; }
  /// For a person: how well it recognises the classes, and the matrix.
  std::string text() const;
  /// For run.json: network, folds, accuracy, kappa, majority share, confusion.
  nlohmann::ordered_json record() const;

 private:
  const Context& context_;
  std::vector<std::unique_ptr<Classifier>> networks_;
  std::vector<std::int64_t> confusion_;
};

/// Whether the recipe's selection or labelling asks a classifier.
bool needs_selector(const Recipe& recipe);

}  // namespace ganymede::study
