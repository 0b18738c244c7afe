#pragma once

#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// A shipped recipe, and what of it must be set otherwise for a data set.
struct FittingRecipe {
  std::string name;
  std::vector<std::string> settings;  ///< key=value, for --set
};

/// Of a known set the recipe whose paper used it; elsewhere one of colour or of grey pictures, as
/// the images are. `own_parts`: --folds or --split say the parts, so that the recipe must not.
/// Reads a few images.
FittingRecipe fitting_recipe(const Dataset& dataset, bool own_parts);

/// The word as a shell takes it: quoted where it must be.
std::string quoted(const std::string& word);

}  // namespace ganymede
