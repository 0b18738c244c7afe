#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/svg_range.h>

#include <algorithm>
#include <cmath>

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

double highest_value(const HistogramPlot& plot) {
  Range range;
  range.take(0);
  for (const auto& values : plot.values)
    for (const double value : values) range.take(value);
  for (const auto& [name, value] : plot.limits) range.take(value);
  if (plot.x_end) range.take(*plot.x_end);
  return range.high;
}

double end_of(const HistogramPlot& plot) {
  const double highest = highest_value(plot);
  return highest > 0 ? 1.04 * highest : 1;
}

/// Of the values that are numbers, in bins from 0 to `end`.
std::vector<double> shares(const std::vector<double>& values, double end) {
  std::vector<double> counts(bins);
  double numbers = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    ++counts[std::size_t(std::clamp(int(value / end * bins), 0, bins - 1))];
    ++numbers;
  }
  for (double& count : counts) count /= std::max(numbers, 1.);
  return counts;
}

double highest_share(const HistogramPlot& plot) {
  double highest = std::max(.01, plot.top_share.value_or(0));
  for (const auto& values : plot.values)
    for (const double share : shares(values, end_of(plot))) highest = std::max(highest, share);
  return highest;
}

void draw_bars(SvgCanvas& canvas, const std::vector<double>& heights, const Axis& x, const Axis& y,
               std::size_t color) {
  const double bar = (x.end - x.begin) / bins;
  for (std::size_t b = 0; b < heights.size(); ++b)
    if (heights[b] > 0)
      canvas.rectangle(x.begin + double(b) * bar + .5, y(heights[b]), bar - 1,
                       y.begin - y(heights[b]), fmt::format("bar c{}", color % 7));
}

}  // namespace

void share_axes(std::vector<HistogramPlot>& plots) {
  double end = 0, share = 0;
  for (const auto& plot : plots) end = std::max(end, highest_value(plot));
  for (auto& plot : plots) plot.x_end = end;
  for (const auto& plot : plots) share = std::max(share, highest_share(plot));
  for (auto& plot : plots) plot.top_share = share;
}

std::string histogram_plot(const HistogramPlot& plot) {
  const double lower = plot.title.empty() ? 0 : 24;
  const double width = 520, height = 290 + lower;
  const Axis x{0, end_of(plot), plot.x_title, 64, width - 14};
  const double headroom = plot.limits.empty() ? 1.08 : 1.3;  // for the names of the limits
  const Axis y{0, headroom * highest_share(plot), "share of images", height - 50, 34 + lower};
  SvgCanvas canvas(width, height);
  if (!plot.title.empty()) canvas.text(x.begin, 18, plot.title, "name");
  canvas.axes(x, y);
  for (std::size_t k = 0; k < plot.values.size(); ++k)
    draw_bars(canvas, shares(plot.values[k], x.high), x, y, k);
  double label_at = y.end + 12;
  for (const auto& [name, value] : plot.limits) {
    canvas.line(x(value), y.end, x(value), y.begin, "reference");
    canvas.text(x(value) + 5, label_at, name, "note");
    label_at += 16;
  }
  canvas.legend(x.begin, 18 + lower, x.end, entries_of(plot.names), "bar");
  return canvas.finish(plot.label);
}

}  // namespace ganymede::report
