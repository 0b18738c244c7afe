#pragma once
// The text of a recipe, and its values: nothing here knows which keys there are.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ganymede {

using RecipeValue = std::variant<bool, std::int64_t, double, std::string, std::vector<double>,
                                 std::vector<std::string>>;

/// One `key = value  # comment` of a TOML file.
struct RecipeLine {
  std::string key;  ///< dotted, with its tables: "gan.epochs"
  RecipeValue value;
  std::string comment;  ///< behind the value, without the mark; empty where there is none
  int line = 0;         ///< from 1
};

/// All keys in the order of their lines. Throws FormatError naming `place` and the line for text
/// that is not TOML, or values that no recipe has (dates, tables in lists, mixed lists).
std::vector<RecipeLine> read_recipe_text(std::string_view text, const std::string& place);

/// As TOML; the shortest text that reads back as the same value.
std::string to_toml(const RecipeValue& value);

/// What a person calls the value's type: "a whole number".
std::string type_name(const RecipeValue& value);

/// Without blanks at both ends.
std::string_view without_blanks(std::string_view text);

}  // namespace ganymede
