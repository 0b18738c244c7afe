#include <ganymede/models/recipe_keys.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/recipe_files.h>

namespace ganymede {
namespace {

bool parse_number(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view entry = without_blanks(text.substr(begin, end - begin));
    if (entry.size() >= 2 && entry.front() == '"' && entry.back() == '"')
      entry = entry.substr(1, entry.size() - 2);
    if (!entry.empty()) result.emplace_back(entry);
    begin = end + 1;
  }
  return result;
}

bool is_empty_list(const RecipeValue& value) {
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  return (numbers && numbers->empty()) || (texts && texts->empty());
}

/// "[1, 8] text", "(0, inf) text", "{a, b} text", or none of them: anything goes.
Allowed parse_allowed(std::string_view comment) {
  Allowed allowed;
  if (comment.empty()) return allowed;
  if (comment.front() == '{') {
    allowed.words = split_list(comment.substr(1, comment.find('}') - 1));
  } else if (comment.front() == '[' || comment.front() == '(') {
    const std::size_t end = comment.find_first_of("])");
    const std::vector<std::string> ends = split_list(comment.substr(1, end - 1));
    if (ends.size() != 2 || !parse_number(ends[0], allowed.low) ||
        !parse_number(ends[1], allowed.high))
      throw FormatError(fmt::format("defaults.toml: no range in '{}'", comment));
    allowed.low_open = comment.front() == '(';
    allowed.high_open = comment[end] == ')';  // of infinity too: it is no number of anything
  }
  return allowed;
}

std::vector<RecipeKey> read_keys() {
  for (const RecipeFile& file : embedded_recipes()) {
    if (file.name != "defaults") continue;
    std::vector<RecipeKey> keys;
    for (RecipeLine& line : read_recipe_text(file.text, "defaults.toml")) {
      Allowed allowed = parse_allowed(line.comment);
      // TOML gives an empty list no type.
      if (is_empty_list(line.value) && !allowed.words.empty())
        line.value = std::vector<std::string>{};
      keys.push_back({std::move(line.key), std::move(line.value), std::move(line.comment),
                      std::move(allowed)});
    }
    return keys;
  }
  throw UsageError("recipes: the library was built without models/recipes/defaults.toml");
}

std::string range_text(const Allowed& a) {
  if (std::isinf(a.low) && std::isinf(a.high)) return "any number";
  if (std::isinf(a.high))
    return fmt::format("{} {:g}", a.low_open ? "more than" : "at least", a.low);
  return fmt::format("{}{:g}, {:g}{}", a.low_open ? '(' : '[', a.low, a.high,
                     a.high_open ? ')' : ']');
}

void check_number(const RecipeKey& key, double value) {
  const Allowed& a = key.allowed;
  const bool below = a.low_open ? !(value > a.low) : !(value >= a.low);
  const bool above = a.high_open ? !(value < a.high) : !(value <= a.high);
  if (below || above)
    throw SettingError(fmt::format("'{}' is {}; allowed is {}", key.name, value, range_text(a)));
}

void check_word(const RecipeKey& key, const std::string& word) {
  const std::vector<std::string>& words = key.allowed.words;
  if (words.empty() || std::ranges::find(words, word) != words.end()) return;
  throw SettingError(fmt::format("'{}' is '{}'{}it can be {}", key.name, word,
                                 did_you_mean(word, words), fmt::join(words, ", ")));
}

void check(const RecipeKey& key, const RecipeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    check_number(key, double(*integer));
    // Counts are of type int everywhere; what may be larger has an upper end of its own.
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    if (std::isinf(key.allowed.high) && *integer > most)
      throw SettingError(
          fmt::format("'{}' is {}; whole numbers go up to {}", key.name, *integer, most));
  }
  if (const auto* number = std::get_if<double>(&value)) check_number(key, *number);
  if (const auto* text = std::get_if<std::string>(&value)) check_word(key, *text);
  if (const auto* list = std::get_if<std::vector<double>>(&value))
    for (const double number : *list) check_number(key, number);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    for (const std::string& word : *list) check_word(key, word);
}

/// Whole numbers are numbers, one entry is a list of one, and "none" is a list of nothing.
RecipeValue converted(const RecipeKey& key, const RecipeValue& value) {
  const bool may_be_empty = is_empty_list(key.fallback);
  if (may_be_empty && (is_empty_list(value) || value == RecipeValue(std::string("none"))))
    return key.fallback;
  if (value.index() == key.fallback.index()) return value;
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* number = std::get_if<double>(&value);
  const auto* text = std::get_if<std::string>(&value);
  if (std::holds_alternative<double>(key.fallback) && integer) return double(*integer);
  if (std::holds_alternative<std::vector<double>>(key.fallback)) {
    if (integer) return std::vector<double>{double(*integer)};
    if (number) return std::vector<double>{*number};
  }
  if (std::holds_alternative<std::vector<std::string>>(key.fallback) && text)
    return std::vector<std::string>{*text};
  throw SettingError(
      fmt::format("'{}' wants {}, not {}", key.name, type_name(key.fallback), to_toml(value)));
}

RecipeValue parse_scalar(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc() && end == text.data() + text.size()) return integer;
  double number = 0;
  if (parse_number(text, number)) return number;
  return std::string(text);
}

RecipeValue parse_numbers(const RecipeKey& key, const std::vector<std::string>& entries) {
  std::vector<double> numbers(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!parse_number(entries[i], numbers[i]))
      throw SettingError(
          fmt::format("'{}' wants {}, not '{}'", key.name, type_name(key.fallback), entries[i]));
  return numbers;
}

}  // namespace

const std::vector<RecipeKey>& recipe_keys() {
  static const std::vector<RecipeKey> keys = read_keys();
  return keys;
}

std::size_t recipe_key_index(std::string_view name) {
  const std::vector<RecipeKey>& keys = recipe_keys();
  const auto found = std::ranges::find(keys, name, &RecipeKey::name);
  if (found != keys.end()) return std::size_t(found - keys.begin());
  const bool without_table = name.find('.') == std::string_view::npos;
  std::vector<std::string> names;
  for (const RecipeKey& key : keys)
    names.push_back(without_table ? key.name.substr(key.name.find('.') + 1) : key.name);
  const std::string nearest = nearest_name(name, names);
  if (nearest.empty())
    throw SettingError(
        fmt::format("unknown key '{}'; `ganymede recipe show headct-dcgan32` prints all", name));
  const auto position = std::ranges::find(names, nearest) - names.begin();
  throw SettingError(
      fmt::format("unknown key '{}'; did you mean '{}'?", name, keys[std::size_t(position)].name));
}

RecipeValue fit_recipe_value(const RecipeKey& key, const RecipeValue& value) {
  RecipeValue fitting = converted(key, value);
  if (is_empty_list(fitting) && !is_empty_list(key.fallback))
    throw SettingError(key.name + ": an empty list, at least one entry is needed");
  check(key, fitting);
  return fitting;
}

RecipeValue parse_recipe_value(const RecipeKey& key, std::string_view text) {
  text = without_blanks(text);
  if (text == "none" && is_empty_list(key.fallback)) return key.fallback;
  const bool numbers = std::holds_alternative<std::vector<double>>(key.fallback);
  if (numbers || std::holds_alternative<std::vector<std::string>>(key.fallback)) {
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
      text = text.substr(1, text.size() - 2);
    const std::vector<std::string> entries = split_list(text);
    return fit_recipe_value(key, numbers ? parse_numbers(key, entries) : RecipeValue(entries));
  }
  if (std::holds_alternative<std::string>(key.fallback)) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
      text = text.substr(1, text.size() - 2);
    return fit_recipe_value(key, std::string(text));
  }
  return fit_recipe_value(key, parse_scalar(text));
}

}  // namespace ganymede
