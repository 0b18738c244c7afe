#pragma once
// The keys that recipes know, read from recipes/defaults.toml: their names, types, defaults and
// what a value may be.

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <ganymede/models/recipe_text.h>

namespace ganymede {

/// What a key's numbers or words may be: the beginning of its comment in defaults.toml.
struct Allowed {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;
  std::vector<std::string> words;  ///< empty: any text
};

struct RecipeKey {
  std::string name;  ///< "gan.epochs"
  RecipeValue fallback;
  std::string comment;  ///< allowed values, unit, meaning
  Allowed allowed;
};

/// In the order of defaults.toml.
const std::vector<RecipeKey>& recipe_keys();

/// Position in recipe_keys(). Throws SettingError that names the nearest key for an unknown one.
std::size_t recipe_key_index(std::string_view name);

/// `value` in the key's own type. Throws SettingError where it does not fit or is not allowed.
RecipeValue fit_recipe_value(const RecipeKey& key, const RecipeValue& value);

/// From a command line: `5`, `text`, `"text"`, `a,b`, `[a, b]`. Throws as fit_recipe_value.
RecipeValue parse_recipe_value(const RecipeKey& key, std::string_view text);

}  // namespace ganymede
