#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_heat_map.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

constexpr double row_height = 46, longest_name = 150;

/// A name cut to what fits; the words of the picture have it whole.
std::string fitted(const std::string& name, double width) {
  if (bold_width(name) <= width) return name;
  std::string text = name;
  while (!text.empty() && bold_width(text) > width - 9) {
    while ((static_cast<unsigned char>(text.back()) >> 6) == 2) text.pop_back();
    text.pop_back();
  }
  return text + "…";
}

double widest(const std::vector<std::string>& names) {
  double width = 0;
  for (const auto& name : names) width = std::max(width, bold_width(name));
  return std::min(width, longest_name);
}

double sum_of(const std::vector<double>& row) {
  return std::accumulate(row.begin(), row.end(), 0.);
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// Where the cells of a map are.
struct Layout {
  double left, top = 74, cell;

  explicit Layout(const HeatMap& map)
      : left(44 + widest(map.classes)), cell(std::max(66., widest(map.classes) + 16)) {}
  double x(std::size_t column) const { return left + cell * double(column); }
  double y(std::size_t row) const { return top + row_height * double(row); }
};

void draw_names(SvgCanvas& canvas, const HeatMap& map, const Layout& at) {
  const std::size_t n = map.classes.size();
  canvas.text(12, 18, map.title, "name");
  canvas.text((at.left + at.x(n)) / 2, 44, "predicted", "title", "middle");
  canvas.vertical_text(16, (at.top + at.y(n)) / 2, "true", "title");
  canvas.text(at.x(n) + 12, at.top - 10, "images", "note");
  for (std::size_t k = 0; k < n; ++k) {
    const auto name = fitted(map.classes[k], longest_name);
    canvas.text(at.x(k) + at.cell / 2, at.top - 10, name, "row", "middle");
    canvas.text(at.left - 9, at.y(k) + row_height / 2 + 4, name, "row", "end");
    canvas.text(at.x(n) + 12, at.y(k) + row_height / 2 + 4, thousands(sum_of(map.counts[k])),
                "note");
  }
}

/// Never so strong that the numbers, which are dark on light or light on dark, drown in it.
double strength(double share) { return .04 + .56 * share; }

void draw_cell(SvgCanvas& canvas, const Layout& at, std::size_t row, std::size_t column,
               double count, double total) {
  const double share = total > 0 ? count / total : 0;
  const bool right = row == column;
  canvas.rectangle(at.x(column) + 1, at.y(row) + 1, at.cell - 2, row_height - 2,
                   right ? "cell right" : "cell wrong", strength(share));
  const double middle = at.x(column) + at.cell / 2;
  canvas.text(middle, at.y(row) + 20, thousands(count), right ? "count right" : "count", "middle");
  canvas.text(middle, at.y(row) + 36, total > 0 ? percent(share) : "–", "part", "middle");
}

std::string in_sentences(const HeatMap& map) {
  std::string text;
  for (std::size_t row = 0; row < map.classes.size(); ++row) {
    text += fmt::format("{}True {}:", row ? " " : "", map.classes[row]);
    for (std::size_t column = 0; column < map.counts[row].size(); ++column)
      text += fmt::format("{} {} taken for {}", column ? "," : "",
                          thousands(map.counts[row][column]), map.classes[column]);
    text += ".";
  }
  return text;
}

}  // namespace

std::string heat_map(const HeatMap& map) {
  const Layout at(map);
  const std::size_t n = map.classes.size();
  const double least = 24 + bold_width(map.title);
  SvgCanvas canvas(std::max(at.x(n) + 62, least), at.y(n) + 12);
  draw_names(canvas, map, at);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t column = 0; column < n; ++column)
      draw_cell(canvas, at, row, column, map.counts[row][column], sum_of(map.counts[row]));
  return canvas.finish("Confusion matrix, " + map.title, in_sentences(map));
}

}  // namespace ganymede::report
