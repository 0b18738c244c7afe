#pragma once

#include <ganymede/data/dataset.h>
#include <ganymede/models/recipe.h>

namespace ganymede::study {

/// Throws SettingError where a recipe's protocol cannot be kept on this set (it keeps published
/// parts of images that came without, or counts more images than there are): with every reason, and
/// with all settings to add, as they are typed. `own_parts`: --split or --folds deal the parts;
/// `fakes`: the numbers of fakes matter too.
void require_fit(const Dataset& dataset, const Recipe& recipe, bool own_parts, bool fakes);

}  // namespace ganymede::study
