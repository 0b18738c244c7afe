#pragma once

#include <string>

#include <ganymede/models/recipe.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// What `ganymede train` learns from.
struct TrainingData {
  Tensor images;  ///< N x size x size x channels, u8 or u16
  std::string digest;
};

/// With a class: its training part of the same split that a study of this data and seed makes.
/// Without: every image, labelled or not. Throws SettingError for an unknown class.
TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class);

}  // namespace ganymede::study
