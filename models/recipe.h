#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ganymede/models/recipe_text.h>

namespace ganymede {

/// One key as it stands in a recipe.
struct RecipeEntry {
  std::string key;      ///< "gan.epochs"
  std::string value;    ///< as TOML
  std::string meaning;  ///< allowed values, unit, what it is
  std::string source;   ///< the paper's place, or "default"
};

/// One key that --quick has changed; values as TOML.
struct RecipeChange {
  std::string key, before, after;
};

struct RecipeSummary {
  std::string name, about, paper;
};

/// All settings of a run. A recipe file is TOML and names only what it changes of
/// recipes/defaults.toml, which documents every key.
class Recipe {
 public:
  /// One of the recipes compiled in. Throws SettingError with the nearest name for an unknown one.
  static Recipe shipped(std::string_view name);
  /// A file; its `base = "NAME"` is the shipped recipe that it changes (default: the defaults
  /// alone). Throws FileError where it cannot be read, FormatError naming file and line for an
  /// unknown key, a wrong type or a value that is not allowed.
  static Recipe load(const std::string& path);
  /// The same from text, such as a checkpoint keeps; `place` is named in errors.
  static Recipe parse(const std::string& text, const std::string& place);
  /// The shipped recipe of that name, else the file.
  static Recipe named(const std::string& name_or_path);
  /// All shipped recipes, by name.
  static std::vector<RecipeSummary> list();

  const std::string& name() const { return name_; }
  const std::string& about() const { return about_; }
  const std::string& paper() const { return paper_; }
  const std::string& padding() const { return padding_; }  ///< padding convention, in words

  /// "gan.epochs=5". Throws SettingError for an unknown key or a value that does not fit.
  void set(std::string_view assignment);

  /// Applies the recipe's [quick] table, once; gives every key that it changed.
  std::vector<RecipeChange> apply_quick();

  /// Values by dotted key. Throw SettingError for an unknown key, UsageError for another type.
  std::int64_t integer(std::string_view key) const;
  double number(std::string_view key) const;  ///< of whole numbers too
  const std::string& text(std::string_view key) const;
  bool flag(std::string_view key) const;
  const std::vector<double>& numbers(std::string_view key) const;
  const std::vector<std::string>& texts(std::string_view key) const;

  /// Every key, in the order of defaults.toml.
  std::vector<RecipeEntry> entries() const;
  /// The resolved recipe: a file that `load` reads back as the same settings.
  std::string toml() const;

 private:
  struct Setting {
    RecipeValue value;
    std::string source;  ///< empty: the default
  };
  struct Override {
    std::size_t index;
    RecipeValue value;
    std::string source;
  };

  Recipe();
  void read(std::string_view text, const std::string& place);
  void read_line(const RecipeLine& line);
  void override_quickly(const RecipeLine& line, std::string_view key);
  template <class T>
  const T& get(std::string_view key) const;

  std::string name_, about_, paper_, padding_;
  std::vector<Setting> settings_;  ///< one per recipe_keys()
  std::vector<Override> quick_;
};

}  // namespace ganymede
