#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/report/svg_range.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

using Points = std::vector<std::pair<double, double>>;

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
  Series result{series.name, {}, {}, series.color};
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

/// A single line needs no name, a reference always does.
std::vector<LegendEntry> legend_of(const LinePlot& plot) {
  std::vector<LegendEntry> entries;
  if (plot.lines.size() == 1 && !plot.reference) return entries;
  for (const auto& line : plot.lines) entries.push_back({line.name, line.color, ""});
  if (plot.reference) entries.push_back({plot.reference_name, 0, "reference"});
  return entries;
}

std::string css_of(const char* kind, const Series& series) {
  return fmt::format("{} c{}", kind, series.color % 7);
}

/// What the curves span; y with 0, and nothing below it for curves that stay above.
std::array<Range, 2> spans_of(const LinePlot& plot) {
  Range x, y;
  for (const auto* curves : {&plot.lines, &plot.raw})
    for (const auto& curve : *curves) {
      for (const double value : curve.x) x.take(value);
      for (const double value : curve.y) y.take(value);
    }
  y.take(0);
  const bool negative = y.low < 0;
  Range wide = y.widened(.04);
  if (!negative) wide.low = 0;
  if (plot.y_range) wide = {(*plot.y_range)[0], (*plot.y_range)[1]};
  Range across = x.widened(0);
  across.low = std::min(across.low, 0.);
  return {across, wide};
}

}  // namespace

std::string line_plot(const LinePlot& plot) {
  constexpr double width = 520, left = 64, right = width - 14;
  const auto entries = legend_of(plot);
  const double top = 14 + 20 * legend_rows(entries, right - left);
  const double height = top + 256;
  const auto [across, up] = spans_of(plot);
  const Axis x{across.low, across.high, plot.x_title, left, right};
  const Axis y{up.low, up.high, plot.y_title, height - 50, top};
  SvgCanvas canvas(width, height);
  canvas.axes(x, y);
  for (const auto& curve : plot.raw) canvas.polyline(points_of(curve, x, y), css_of("raw", curve));
  for (const auto& curve : plot.lines)
    canvas.polyline(points_of(curve, x, y), css_of("line", curve));
  if (plot.reference)
    canvas.line(x.begin, y(*plot.reference), x.end, y(*plot.reference), "reference");
  canvas.legend(x.begin, 18, x.end, entries, "line");
  return canvas.finish(plot.label);
}

std::string loss_plot(const std::string& label, const std::vector<Series>& series) {
  LinePlot plot{label, "iteration", "loss", {}, {}, {}, {}, ""};
  for (const auto& one : series) {
    plot.raw.push_back(thinned(one, 300));
    plot.lines.push_back(smoothed(plot.raw.back()));
  }
  return line_plot(plot);
}

std::string roc_plot(const std::string& label, const std::vector<Series>& series,
                     const std::string& title) {
  const double rows = 20. * double(series.size()), top = title.empty() ? 12 : 38;
  double widest = text_width(title);
  for (const auto& curve : series) widest = std::max(widest, 36 + text_width(curve.name));
  const double side = 320, width = 64 + std::max(side, widest) + 16;
  SvgCanvas canvas(width, top + side + 50 + rows + 6);
  if (!title.empty()) canvas.text(64, 18, title, "name");
  const Axis x{0, 1, "false positive rate", 64, 64 + side};
  const Axis y{0, 1, "true positive rate", top + side, top};
  canvas.axes(x, y);
  canvas.line(x(0), y(0), x(1), y(1), "chance");
  double at = top + side + 62;
  for (const auto& curve : series) {
    canvas.polyline(points_of(curve, x, y), css_of("line", curve));
    canvas.line(64, at - 4, 92, at - 4, css_of("line", curve));
    canvas.text(100, at, curve.name, "legend");
    at += 20;
  }
  return canvas.finish(label);
}

}  // namespace ganymede::report
