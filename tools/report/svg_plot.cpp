#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_plot.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

using Points = std::vector<std::pair<double, double>>;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Never empty, with a margin on both sides.
  Range widened(double share) const {
    if (!(high >= low)) return {0, 1};
    const double margin = high > low ? share * (high - low) : .5;
    return {low - margin, high + margin};
  }
};

Points points_of(const Series& series, const Axis& x, const Axis& y) {
  Points points;
  for (std::size_t i = 0; i < std::min(series.x.size(), series.y.size()); ++i)
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      points.emplace_back(x(series.x[i]), y(series.y[i]));
  return points;
}

/// At most `most` points, each the mean of a run of neighbours: a drawing needs no more.
Series thinned(const Series& series, std::size_t most) {
  const std::size_t n = std::min(series.x.size(), series.y.size());
  const std::size_t run = std::max<std::size_t>(1, (n + most - 1) / most);
  Series result{series.name, {}, {}};
  for (std::size_t begin = 0; begin < n; begin += run) {
    const std::size_t end = std::min(n, begin + run);
    double x = 0, y = 0;
    for (std::size_t i = begin; i < end; ++i) {
      x += series.x[i] / double(end - begin);
      y += series.y[i] / double(end - begin);
    }
    result.x.push_back(x);
    result.y.push_back(y);
  }
  return result;
}

/// Centred moving mean over about a twentieth of the series.
Series smoothed(const Series& series) {
  const int n = int(series.x.size()), half = std::max(1, n / 40);
  Series result = series;
  for (int i = 0; i < n; ++i) {
    const int begin = std::max(0, i - half), end = std::min(n, i + half + 1);
    double sum = 0;
    for (int k = begin; k < end; ++k) sum += series.y[k];
    result.y[i] = sum / (end - begin);
  }
  return result;
}

std::vector<std::string> names_of(const std::vector<Series>& series) {
  std::vector<std::string> names;
  for (const auto& one : series) names.push_back(one.name);
  return names;
}

}  // namespace

std::string loss_plot(const std::string& label, const std::vector<Series>& series) {
  constexpr double width = 520, height = 290;
  Range x_range, y_range;
  std::vector<Series> drawn;
  for (const auto& one : series) {
    drawn.push_back(thinned(one, 300));
    for (const double x : drawn.back().x) x_range.take(x);
    for (const double y : drawn.back().y) y_range.take(y);
  }
  y_range.take(0);
  y_range = y_range.widened(.04);
  const Range span = x_range.widened(0);
  const Axis x{std::min(span.low, 0.), span.high, "iteration", 64, width - 14};
  const Axis y{std::max(y_range.low, y_range.low < -.1 ? y_range.low : 0.), y_range.high, "loss",
               height - 50, 34};
  SvgCanvas canvas(width, height);
  canvas.axes(x, y);
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    canvas.polyline(points_of(drawn[k], x, y), fmt::format("raw c{}", k % 7));
    canvas.polyline(points_of(smoothed(drawn[k]), x, y), fmt::format("line c{}", k % 7));
  }
  canvas.legend(x.begin, 18, names_of(series), "line");
  return canvas.finish(label);
}

std::string roc_plot(const std::string& label, const std::vector<Series>& series) {
  const double rows = 20. * double(series.size());
  const double side = 320, width = 64 + side + 16, height = 12 + side + 50 + rows + 6;
  const Axis x{0, 1, "false positive rate", 64, 64 + side};
  const Axis y{0, 1, "true positive rate", 12 + side, 12};
  SvgCanvas canvas(width, height);
  canvas.axes(x, y);
  canvas.line(x(0), y(0), x(1), y(1), "chance");
  for (std::size_t k = 0; k < series.size(); ++k) {
    canvas.polyline(points_of(series[k], x, y), fmt::format("line c{}", k % 7));
  }
  for (std::size_t k = 0; k < series.size(); ++k) {
    const double at = 12 + side + 62 + 20. * double(k);
    canvas.line(64, at - 4, 92, at - 4, fmt::format("line c{}", k % 7));
    canvas.text(100, at, series[k].name, "legend");
  }
  return canvas.finish(label);
}

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
  for (const auto& row : plot.rows) names = std::max(names, 7.3 * double(row.name.size()) + 24);
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
  canvas.legend(x.begin, 18, plot.names, "bar");
  return canvas.finish(plot.label);
}

}  // namespace ganymede::report
