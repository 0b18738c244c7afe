#include <ganymede/tools/study/recipe_features.h>

#include <ganymede/kernels/error.h>

namespace ganymede::study {

std::unique_ptr<FeatureExtractor> recipe_features(const Recipe& recipe, const std::string& key,
                                                  const Shape& image) {
  try {
    return feature_extractor(recipe.text(key), image);
  } catch (const SettingError& error) {
    throw SettingError(key + ": " + error.what());
  }
}

void require_features(const Recipe& recipe, const Prepared& data) {
  const Shape image{data.size, data.columns, data.channels};
  recipe_features(recipe, "audit.features", image);
  if (recipe.integer("watch.every") > 0) recipe_features(recipe, "watch.features", image);
  if (!recipe.text("study.features").empty()) recipe_features(recipe, "study.features", image);
}

}  // namespace ganymede::study
