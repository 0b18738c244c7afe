#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_range.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

constexpr double bar_width = 46, between = 26, left = 72;

/// Every group takes the same room: its bars, or its name where that is longer.
double room_of(const GroupedBarPlot& plot) {
  double room = bar_width * double(plot.bars.size());
  for (const auto& group : plot.groups) room = std::max(room, bold_width(group.name));
  return room + between;
}

Range values_of(const GroupedBarPlot& plot) {
  Range range;
  range.take(0);
  for (const auto& group : plot.groups)
    for (const double value : group.values) range.take(value);
  return range;
}

void draw_group(SvgCanvas& canvas, const BarGroup& group, double middle, const Axis& y) {
  double x = middle - bar_width * double(group.values.size()) / 2;
  for (std::size_t k = 0; k < group.values.size(); ++k, x += bar_width) {
    const double value = group.values[k];
    if (!std::isfinite(value)) continue;
    const double top = std::min(y(value), y(0));
    canvas.rectangle(x + 3, top, bar_width - 6, std::abs(y(value) - y(0)),
                     fmt::format("solid c{}", k % 7));
    canvas.text(x + bar_width / 2, top - 5, four_digits(value), "note", "middle");
  }
  canvas.text(middle, y.begin + 19, group.name, "row", "middle");
}

}  // namespace

std::string grouped_bar_plot(const GroupedBarPlot& plot) {
  const double room = room_of(plot);
  const double width = std::max(520., left + room * double(plot.groups.size()) + 14);
  const double step = (width - left - 14) / double(std::max<std::size_t>(1, plot.groups.size()));
  const auto entries = entries_of(plot.bars);
  const double top = 32 + 20 * legend_rows(entries, width - left);
  const Range range = values_of(plot);
  const double high = range.high > 0 ? 1.1 * range.high : range.low < 0 ? 0 : 1;
  const Axis y{1.1 * range.low, high, plot.y_title, top + 230, top};
  SvgCanvas canvas(width, y.begin + 34);
  canvas.text(left, 18, plot.title, "name");
  canvas.y_axis(y, left, width - 14);
  canvas.line(left, y(0), width - 14, y(0), "axis");
  for (std::size_t k = 0; k < plot.groups.size(); ++k)
    draw_group(canvas, plot.groups[k], left + step * (double(k) + .5), y);
  canvas.legend(left, 42, width, entries, "solid");
  return canvas.finish(plot.label);
}

}  // namespace ganymede::report
