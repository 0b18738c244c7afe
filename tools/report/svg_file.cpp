#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/svg_heat_map.h>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

/// The value of a variable in the first block of colours, which are the light ones.
std::string_view color_of(std::string_view name) {
  const auto style = color_style();
  const auto key = fmt::format("{}:", name);
  const auto begin = style.find(key) + key.size();
  auto value = style.substr(begin, style.find(';', begin) - begin);
  value.remove_prefix(value.find_first_not_of(' '));
  return value;
}

/// "var(--ink)" -> "#1b1d20".
std::string with_colors(std::string_view style) {
  std::string text;
  for (auto at = style.find("var("); at != style.npos; at = style.find("var(")) {
    const auto end = style.find(')', at);
    text += style.substr(0, at);
    text += color_of(style.substr(at + 4, end - at - 4));
    style.remove_prefix(end + 1);
  }
  return text.append(style);
}

}  // namespace

std::string standalone_svg(std::string_view svg) {
  const auto body = svg.find('>') + 1;
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg"{}<style><![CDATA[
{}]]></style><rect width="100%" height="100%" fill="{}"/>{}
)",
      svg.substr(4, body - 4), with_colors(plot_style()), color_of("--card"), svg.substr(body));
}

}  // namespace ganymede::report
