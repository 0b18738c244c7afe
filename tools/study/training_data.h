#pragma once

#include <string>
#include <vector>

#include <ganymede/models/recipe.h>
#include <ganymede/tools/study/prepared.h>
#include <ganymede/tools/study/watch.h>

namespace ganymede::study {

/// What `ganymede train` learns from.
struct TrainingData {
  ResidentSet set;                     ///< labels where the GAN is conditional
  std::vector<std::string> classes{};  ///< their names
  std::vector<Image> some;             ///< up to 64 of the images, for comparison
  HeldOut held_out{};                  ///< their validation part; none without a class
  std::string data, digest;            ///< where it came from
};

/// With a class: its training part of the same split that a study of this data and seed makes; so
/// too with gan.labels = "conditional", of all classes. Without: every image, labelled or not.
/// Throws SettingError for an unknown class.
TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class);

}  // namespace ganymede::study
