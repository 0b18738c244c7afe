#pragma once

#include <memory>
#include <string>

#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/recipe.h>

#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// The extractor that a key of the recipe ("audit.features") names, for images of H x W x C. Throws
/// SettingError that names the key, and what the network's file throws.
std::unique_ptr<FeatureExtractor> recipe_features(const Recipe& recipe, const std::string& key,
                                                  const Shape& image);

/// What the keys that a study will ask throw, before anything runs.
void require_features(const Recipe& recipe, const Prepared& data);

}  // namespace ganymede::study
