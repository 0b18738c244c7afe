#include <ganymede/models/recipe.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/recipe_files.h>
#include <ganymede/models/recipe_keys.h>

namespace ganymede {
namespace {

constexpr std::string_view quick_table = "quick.";

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path))
    throw FileError(fmt::format(
        "recipe '{}': no such file; `ganymede recipe list` names the shipped ones", path));
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string& text_of(const RecipeLine& line) {
  const auto* text = std::get_if<std::string>(&line.value);
  if (!text) throw SettingError(fmt::format("'{}' wants a text", line.key));
  return *text;
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const RecipeFile& file : embedded_recipes())
    if (file.name != "defaults") names.emplace_back(file.name);
  return names;
}

bool is_shipped(std::string_view name) {
  const std::vector<std::string> names = shipped_names();
  return name == "defaults" || std::ranges::find(names, name) != names.end();
}

std::string base_of(const std::vector<RecipeLine>& lines) {
  for (const RecipeLine& line : lines)
    if (line.key == "base") return text_of(line);
  return {};
}

}  // namespace

Recipe::Recipe() {
  for (const RecipeKey& key : recipe_keys()) settings_.push_back({key.fallback, {}});
}

Recipe Recipe::shipped(std::string_view name) {
  if (!is_shipped(name))
    throw SettingError(fmt::format("no recipe '{}'{}`ganymede recipe list` names all", name,
                                   did_you_mean(name, shipped_names())));
  Recipe recipe;
  recipe.name_ = name;
  for (const RecipeFile& file : embedded_recipes())
    if (file.name == name && name != "defaults")
      recipe.read(file.text, std::string(name) + ".toml");
  return recipe;
}

Recipe Recipe::load(const std::string& path) {
  Recipe recipe = parse(read_text(path), fmt::format("recipe '{}'", path));
  recipe.name_ = std::filesystem::path(path).stem().string();
  return recipe;
}

Recipe Recipe::parse(const std::string& text, const std::string& place) {
  Recipe recipe;
  try {
    const std::string base = base_of(read_recipe_text(text, place));
    if (!base.empty()) recipe = shipped(base);
  } catch (const SettingError& error) {
    throw FormatError(fmt::format("{}: base: {}", place, error.what()));
  }
  recipe.read(text, place);
  return recipe;
}

Recipe Recipe::named(const std::string& name_or_path) {
  const bool path = name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".toml");
  return !path || is_shipped(name_or_path) ? shipped(name_or_path) : load(name_or_path);
}

std::vector<RecipeSummary> Recipe::list() {
  std::vector<RecipeSummary> result;
  for (const std::string& name : shipped_names()) {
    const Recipe recipe = shipped(name);
    result.push_back({name, recipe.about(), recipe.paper()});
  }
  std::ranges::sort(result, {}, &RecipeSummary::name);
  return result;
}

void Recipe::read(std::string_view text, const std::string& place) {
  for (const RecipeLine& line : read_recipe_text(text, place)) {
    try {
      read_line(line);
    } catch (const SettingError& error) {
      throw FormatError(fmt::format("{} line {}: {}", place, line.line, error.what()));
    }
  }
}

void Recipe::read_line(const RecipeLine& line) {
  // [run] is what a run folder adds to its recipe, so that run.toml is a recipe again.
  if (line.key == "base" || line.key.starts_with("run.")) return;
  if (line.key == "about") {
    about_ = text_of(line);
  } else if (line.key == "paper") {
    paper_ = text_of(line);
  } else if (line.key == "padding") {
    padding_ = text_of(line);
  } else if (line.key.starts_with(quick_table)) {
    override_quickly(line, std::string_view(line.key).substr(quick_table.size()));
  } else {
    const std::size_t index = recipe_key_index(line.key);
    settings_[index].value = fit_recipe_value(recipe_keys()[index], line.value);
    settings_[index].source = line.comment.empty() ? name_ : line.comment;
  }
}

void Recipe::override_quickly(const RecipeLine& line, std::string_view key) {
  const std::size_t index = recipe_key_index(key);
  std::erase_if(quick_, [&](const Override& other) { return other.index == index; });
  quick_.push_back({index, fit_recipe_value(recipe_keys()[index], line.value), line.comment});
}

void Recipe::set(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    throw SettingError(fmt::format("--set {}: write key=value, as in gan.epochs=5", assignment));
  try {
    const std::size_t index = recipe_key_index(without_blanks(assignment.substr(0, equals)));
    settings_[index] = {parse_recipe_value(recipe_keys()[index], assignment.substr(equals + 1)),
                        "--set"};
  } catch (const SettingError& error) {
    throw SettingError(fmt::format("--set {}: {}", assignment, error.what()));
  }
}

std::vector<RecipeChange> Recipe::apply_quick() {
  std::vector<RecipeChange> changes;
  for (const Override& quick : quick_) {
    Setting& setting = settings_[quick.index];
    if (setting.value == quick.value) continue;
    changes.push_back(
        {recipe_keys()[quick.index].name, to_toml(setting.value), to_toml(quick.value)});
    setting = {quick.value, quick.source.empty() ? "--quick" : quick.source};
  }
  quick_.clear();
  return changes;
}

template <class T>
const T& Recipe::get(std::string_view key) const {
  const std::size_t index = recipe_key_index(key);
  if (const T* value = std::get_if<T>(&settings_[index].value)) return *value;
  throw UsageError(fmt::format("recipe key '{}' holds {}, asked for {}", key,
                               type_name(recipe_keys()[index].fallback),
                               type_name(RecipeValue(T{}))));
}

std::int64_t Recipe::integer(std::string_view key) const { return get<std::int64_t>(key); }

double Recipe::number(std::string_view key) const {
  const RecipeValue& value = settings_[recipe_key_index(key)].value;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return double(*integer);
  return get<double>(key);
}

const std::string& Recipe::text(std::string_view key) const { return get<std::string>(key); }

bool Recipe::flag(std::string_view key) const { return get<bool>(key); }

const std::vector<double>& Recipe::numbers(std::string_view key) const {
  return get<std::vector<double>>(key);
}

const std::vector<std::string>& Recipe::texts(std::string_view key) const {
  return get<std::vector<std::string>>(key);
}

std::vector<RecipeEntry> Recipe::entries() const {
  std::vector<RecipeEntry> result;
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    const RecipeKey& key = recipe_keys()[i];
    const Setting& setting = settings_[i];
    result.push_back({key.name, to_toml(setting.value), key.comment,
                      setting.source.empty() ? "default" : setting.source});
  }
  return result;
}

std::string Recipe::toml() const {
  std::string text;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{} = {}\n", key, to_toml(value));
  };
  add("about", about_);
  add("paper", paper_);
  add("padding", padding_);
  std::string table;
  for (const RecipeEntry& entry : entries()) {
    const std::size_t dot = entry.key.find('.');
    if (entry.key.substr(0, dot) != table) {
      table = entry.key.substr(0, dot);
      text += fmt::format("\n[{}]\n", table);
    }
    const std::string assignment = fmt::format("{} = {}", entry.key.substr(dot + 1), entry.value);
    text += fmt::format("{:<30} # {} | {}\n", assignment, entry.meaning, entry.source);
  }
  if (!quick_.empty()) text += "\n[quick]\n";
  for (const Override& quick : quick_)
    text += fmt::format("\"{}\" = {}\n", recipe_keys()[quick.index].name, to_toml(quick.value));
  return text;
}

}  // namespace ganymede
