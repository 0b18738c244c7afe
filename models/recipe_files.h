#pragma once

#include <span>
#include <string_view>

namespace ganymede {

struct RecipeFile {
  std::string_view name;  ///< file name without ".toml"
  std::string_view text;
};

/// The recipes that models/recipes/*.toml held when the library was built, by name.
std::span<const RecipeFile> embedded_recipes();

}  // namespace ganymede
