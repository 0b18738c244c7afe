#include <ganymede/kernels/philox.h>
#include <ganymede/tools/report/text.h>

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace ganymede::report {

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string typeset_number(std::string_view number) {
  std::string result;
  if (number.starts_with('-')) {
    result += "−";
    number.remove_prefix(1);
  }
  const std::size_t whole = std::min(number.find('.'), number.size());
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (i > 0 && i < whole && (whole - i) % 3 == 0) result += ',';
    result += number[i];
  }
  return result;
}

std::string file_name(const std::string& name) {
  std::string text = name;
  for (char& letter : text)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-' && letter != '_' &&
        letter != '+')
      letter = '_';
  if (text == name && !name.empty()) return text;
  return fmt::format("{}-{:08x}", text, kernels::key_of(name, 0) >> 32);
}

}  // namespace ganymede::report
