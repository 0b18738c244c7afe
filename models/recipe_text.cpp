#include <ganymede/models/recipe_text.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace {
/// toml++ 3.3 asserts where some malformed keys bring it; text from anywhere must not end a
/// program.
[[noreturn]] void refuse_key() { throw std::logic_error("a key that is none"); }
}  // namespace
#define TOML_ASSERT(condition) ((condition) ? void() : refuse_key())
#undef NDEBUG  // or toml++ assumes what it asserts
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace ganymede {
namespace {

class Reader {
 public:
  Reader(std::string_view text, const std::string& place) : place_(place) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines_.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  /// A table for each dot: as many as the stack bears, at the least.
  void refuse_endless_keys() const {
    constexpr std::ptrdiff_t most_dots = 1000;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (std::ranges::count(lines_[i], '.') > most_dots)
        throw FormatError(fmt::format("{} line {}: more than {} dots; no key has so many parts",
                                      place_, i + 1, most_dots));
  }

  void walk(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const toml::table* inner = node.as_table()) {
        walk(*inner, name + ".");
      } else {
        const int last = int(node.source().end.line);
        found_.push_back(
            {name, value_of(node, name), comment(last), int(node.source().begin.line)});
      }
    }
  }

  std::vector<RecipeLine> in_order() && {
    std::ranges::stable_sort(found_, {}, &RecipeLine::line);
    return std::move(found_);
  }

 private:
  [[noreturn]] void refuse(const toml::node& node, const std::string& what) const {
    throw FormatError(fmt::format("{} line {}: {}", place_, node.source().begin.line, what));
  }

  RecipeValue value_of(const toml::node& node, const std::string& name) const {
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* text = node.as_string()) return text->get();
    const toml::array* list = node.as_array();
    if (!list) refuse(node, fmt::format("'{}' is a date or time; no setting is one", name));
    if (!list->empty() && list->is_homogeneous<std::string>()) return texts(*list);
    return numbers(*list, name);
  }

  static std::vector<std::string> texts(const toml::array& list) {
    std::vector<std::string> result;
    for (const toml::node& node : list) result.push_back(node.as_string()->get());
    return result;
  }

  std::vector<double> numbers(const toml::array& list, const std::string& name) const {
    std::vector<double> result;
    for (const toml::node& node : list) {
      if (!node.is_number())
        refuse(node, fmt::format("'{}' is a list of neither numbers nor texts alone", name));
      result.push_back(*node.value<double>());
    }
    return result;
  }

  /// The parser drops comments; a mark inside quotes is none.
  std::string comment(int line) const {
    const std::string_view text = lines_.at(std::size_t(line - 1));
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (quote == 0 && c == '#') return std::string(without_blanks(text.substr(i + 1)));
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote == '"' && c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
    }
    return {};
  }

  const std::string& place_;
  std::vector<std::string_view> lines_;
  std::vector<RecipeLine> found_;
};

std::string number_text(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string quoted(const std::string& text) {
  if (!is_utf8(text))
    throw SettingError(
        fmt::format("'{}' is not UTF-8, which a recipe's texts must be; write it in "
                    "UTF-8, or rename the file",
                    text));
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", int(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

template <class T, class Write>
std::string list_text(const std::vector<T>& values, Write write) {
  std::string result = "[";
  for (const T& value : values) result += (result.size() > 1 ? ", " : "") + write(value);
  return result + "]";
}

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;  // clang 14 does not deduce it itself

}  // namespace

std::vector<RecipeLine> read_recipe_text(std::string_view text, const std::string& place) {
  try {
    Reader reader(text, place);
    reader.refuse_endless_keys();
    const toml::table table = toml::parse(text);
    reader.walk(table, "");
    return std::move(reader).in_order();
  } catch (const toml::parse_error& error) {
    throw FormatError(fmt::format("{} line {}: not TOML: {}", place, error.source().begin.line,
                                  error.description()));
  } catch (const std::logic_error& error) {
    throw FormatError(fmt::format("{}: not TOML: {}", place, error.what()));
  }
}

std::string to_toml(const RecipeValue& value) {
  return std::visit(
      Cases{[](bool flag) -> std::string { return flag ? "true" : "false"; },
            [](std::int64_t integer) { return std::to_string(integer); },
            [](double number) { return number_text(number); },
            [](const std::string& text) { return quoted(text); },
            [](const std::vector<double>& list) { return list_text(list, number_text); },
            [](const std::vector<std::string>& list) { return list_text(list, quoted); }},
      value);
}

std::string type_name(const RecipeValue& value) {
  static constexpr const char* names[] = {"true or false", "a whole number",    "a number",
                                          "a text",        "a list of numbers", "a list of texts"};
  return names[value.index()];
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace ganymede
