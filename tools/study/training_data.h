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
  HeldOut held_out{};                  ///< their validation part; none without labels
  bool split = false;                  ///< whether it is a training part; else all images
  std::string data;                    ///< where it came from
  RunSetting fingerprint{};            ///< changes with it
};

/// The training part of the same split that a study of this data and seed makes: of one class, or,
/// where none is named, of all; of images without labels, which have no split, all. Throws
/// SettingError for an unknown class.
TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class);

}  // namespace ganymede::study
