#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ganymede/models/classifier.h>
#include <ganymede/models/recipe.h>

namespace ganymede {

/// A trained classifier with what is needed to use it.
struct SavedClassifier {
  std::unique_ptr<Classifier> network;
  Recipe recipe;
  std::vector<std::string> classes;
  int channels = 1;
  double threshold =
      0.5;  ///< on the positive class's probability, chosen on validation (two classes)
  int positive = 1;
};

/// Writes `saved` as one file whose weights Keras loads; `name` is the network's ("resnet50").
void save_classifier(SavedClassifier& saved, const std::string& name, const std::string& path);

/// Reads it back. Throws FileError, or FormatError for a file that holds no classifier of ours.
SavedClassifier load_classifier(const std::string& path);

}  // namespace ganymede
