#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/svg_range.h>

#include <algorithm>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

Range range_of(const IntervalPlot& plot) {
  Range range;
  for (const auto& row : plot.rows) {
    range.take(row.value);
    for (const double point : row.points) range.take(point);
    for (const double edge : row.interval.value_or(std::array{row.value, row.value}))
      range.take(edge);
  }
  if (plot.reference) {
    const double band = plot.half_band.value_or(0);
    range.take(*plot.reference - band);
    range.take(*plot.reference + band);
  }
  return range.widened(.06);
}

void draw_row(SvgCanvas& canvas, const IntervalRow& row, const Axis& x, double y) {
  const auto css = [&](const char* kind) { return fmt::format("{} c{}", kind, row.color % 7); };
  canvas.text(x.begin - 14, y + 4, row.name, "row", "end");
  if (row.interval) {
    const auto [low, high] = *row.interval;
    canvas.line(x(low), y, x(high), y, css("interval"));
    for (const double edge : {low, high}) canvas.line(x(edge), y - 5, x(edge), y + 5, css("cap"));
  }
  for (const double point : row.points) canvas.circle(x(point), y + 13, 2.6, css("seed"));
  canvas.circle(x(row.value), y, 5.5, css("dot"));
}

}  // namespace

std::string interval_plot(const IntervalPlot& plot) {
  constexpr double width = 720, row_height = 36, top = 30;
  double names = 60;
  for (const auto& row : plot.rows) names = std::max(names, bold_width(row.name) + 20);
  const double bottom = top + row_height * double(plot.rows.size());
  const bool words = !plot.left.empty() || !plot.right.empty();
  const Range range = range_of(plot);
  const Axis x{range.low, range.high, plot.x_title, names, width - 20};
  SvgCanvas canvas(width, bottom + (words ? 64 : 46));
  if (plot.reference && plot.half_band)
    canvas.rectangle(x(*plot.reference - *plot.half_band), top - 4,
                     x(*plot.reference + *plot.half_band) - x(*plot.reference - *plot.half_band),
                     bottom - top + 4, "band");
  canvas.x_axis(x, top - 4, bottom);
  if (plot.reference) {
    canvas.line(x(*plot.reference), top - 8, x(*plot.reference), bottom, "reference");
    canvas.text(x(*plot.reference), top - 13, plot.reference_name, "note", "middle");
  }
  for (std::size_t k = 0; k < plot.rows.size(); ++k)
    draw_row(canvas, plot.rows[k], x, top + row_height * (double(k) + .38));
  if (words) {
    canvas.text(x.begin, bottom + 57, "← " + plot.left, "note");
    canvas.text(x.end, bottom + 57, plot.right + " →", "note", "end");
  }
  return canvas.finish(plot.label);
}

namespace {

constexpr int bins = 36;

std::vector<double> shares(const std::vector<double>& values, const Axis& x) {
  std::vector<double> counts(bins);
  for (const double value : values) {
    const int bin = int((value - x.low) / (x.high - x.low) * bins);
    counts[std::clamp(bin, 0, bins - 1)] += 1. / double(values.size());
  }
  return counts;
}

}  // namespace

std::string histogram_plot(const HistogramPlot& plot) {
  constexpr double width = 520, height = 290;
  Range range;
  range.take(0);
  for (const auto& values : plot.values)
    for (const double value : values) range.take(value);
  for (const auto& [name, value] : plot.limits) range.take(value);
  const Axis x{0, range.high > 0 ? 1.04 * range.high : 1, plot.x_title, 64, width - 14};
  std::vector<std::vector<double>> heights;
  double highest = .01;
  for (const auto& values : plot.values) {
    heights.push_back(shares(values, x));
    highest = std::max(highest, *std::max_element(heights.back().begin(), heights.back().end()));
  }
  const double headroom = plot.limits.empty() ? 1.08 : 1.3;  // for the names of the limits
  const Axis y{0, headroom * highest, "share of images", height - 50, 34};
  SvgCanvas canvas(width, height);
  canvas.axes(x, y);
  const double bar = (x.end - x.begin) / bins;
  for (std::size_t k = 0; k < heights.size(); ++k)
    for (int b = 0; b < bins; ++b)
      if (heights[k][b] > 0)
        canvas.rectangle(x.begin + b * bar + .5, y(heights[k][b]), bar - 1,
                         y.begin - y(heights[k][b]), fmt::format("bar c{}", k % 7));
  double label_at = y.end + 12;
  for (const auto& [name, value] : plot.limits) {
    canvas.line(x(value), y.end, x(value), y.begin, "reference");
    canvas.text(x(value) + 5, label_at, name, "note");
    label_at += 16;
  }
  canvas.legend(x.begin, 18, x.end, entries_of(plot.names), "bar");
  return canvas.finish(plot.label);
}

}  // namespace ganymede::report
