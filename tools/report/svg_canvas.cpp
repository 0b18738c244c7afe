#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/text.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace ganymede::report {

std::vector<double> nice_ticks(double low, double high, int most) {
  if (!(high > low)) return {low};
  const double rough = (high - low) / most;
  const double decade = std::pow(10., std::floor(std::log10(rough)));
  double step = 10 * decade;
  for (const double factor : {1., 2., 2.5, 5.})
    if (factor * decade >= rough) {
      step = factor * decade;
      break;
    }
  std::vector<double> ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    ticks.push_back(k == 0 ? 0 : k * step);
  return ticks;
}

std::string tick_label(double value, const std::vector<double>& ticks) {
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  int digits = 0;
  while (digits < 6 &&
         std::abs(std::round(step * std::pow(10., digits)) - step * std::pow(10., digits)) > 1e-6)
    ++digits;
  return typeset_number(fmt::format("{:.{}f}", value, digits));
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, std::string_view css) {
  body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>)", x1,
                       y1, x2, y2, css);
}

void SvgCanvas::polyline(const std::vector<std::pair<double, double>>& points,
                         std::string_view css) {
  body_ += fmt::format(R"(<polyline class="{}" points=")", css);
  for (const auto& [x, y] : points) body_ += fmt::format("{:.1f},{:.1f} ", x, y);
  body_ += "\"/>";
}

void SvgCanvas::circle(double x, double y, double radius, std::string_view css) {
  body_ +=
      fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}"/>)", x, y, radius, css);
}

void SvgCanvas::rectangle(double x, double y, double width, double height, std::string_view css,
                          std::optional<double> strength) {
  body_ += fmt::format(
      R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"{}/>)", x, y, width,
      height, css, strength ? fmt::format(R"( fill-opacity="{:.3f}")", *strength) : "");
}

void SvgCanvas::text(double x, double y, std::string_view text, std::string_view css,
                     std::string_view anchor) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>)", x, y,
                       css, anchor, escape_html(text));
}

void SvgCanvas::vertical_text(double x, double y, std::string_view text, std::string_view css) {
  body_ += fmt::format(
      R"svg(<text transform="translate({:.1f} {:.1f}) rotate(-90)" class="{}" text-anchor="middle">{}</text>)svg",
      x, y, css, escape_html(text));
}

void SvgCanvas::x_axis(const Axis& x, double top, double bottom) {
  const auto ticks = nice_ticks(x.low, x.high);
  for (const double tick : ticks) {
    line(x(tick), top, x(tick), bottom, "grid");
    text(x(tick), bottom + 17, tick_label(tick, ticks), "tick", "middle");
  }
  line(x.begin, bottom, x.end, bottom, "axis");
  text((x.begin + x.end) / 2, bottom + 38, x.title, "title", "middle");
}

void SvgCanvas::y_axis(const Axis& y, double left, double right) {
  const auto ticks = nice_ticks(y.low, y.high, 5);
  for (const double tick : ticks) {
    line(left, y(tick), right, y(tick), "grid");
    text(left - 8, y(tick) + 4, tick_label(tick, ticks), "tick", "end");
  }
  vertical_text(left - 48, (y.begin + y.end) / 2, y.title, "title");
}

void SvgCanvas::axes(const Axis& x, const Axis& y) {
  y_axis(y, x.begin, x.end);
  x_axis(x, y.end, y.begin);
}

namespace {

constexpr double swatch = 28, between = 22;

/// Where each entry begins, from (0, 0) on.
std::vector<std::pair<double, double>> legend_places(const std::vector<LegendEntry>& entries,
                                                     double width) {
  std::vector<std::pair<double, double>> places;
  double x = 0, y = 0;
  for (const auto& entry : entries) {
    const double taken = swatch + text_width(entry.name);
    if (x > 0 && x + taken > width) {
      x = 0;
      y += 20;
    }
    places.emplace_back(x, y);
    x += taken + between;
  }
  return places;
}

}  // namespace

double text_width(std::string_view text) {
  // Bytes that continue a UTF-8 character take no room; class names are often all capitals.
  const auto letters = std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; });
  const auto capitals =
      std::count_if(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return 7. * double(letters) + 2. * double(capitals);
}

double bold_width(std::string_view text) { return 1.17 * text_width(text); }

std::vector<LegendEntry> entries_of(const std::vector<std::string>& names) {
  std::vector<LegendEntry> entries;
  for (const auto& name : names) entries.push_back({name, int(entries.size()), ""});
  return entries;
}

int legend_rows(const std::vector<LegendEntry>& entries, double width) {
  return entries.empty() ? 0 : int(legend_places(entries, width).back().second / 20) + 1;
}

void SvgCanvas::legend(double left, double y, double right, const std::vector<LegendEntry>& entries,
                       std::string_view mark) {
  const auto places = legend_places(entries, right - left);
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const auto css =
        entries[k].css.empty() ? fmt::format("{} c{}", mark, entries[k].color % 7) : entries[k].css;
    const double x = left + places[k].first, at = y + places[k].second;
    if (mark == "line")
      line(x, at - 4, x + 22, at - 4, css);
    else
      rectangle(x, at - 9, 14, 10, css);
    text(x + swatch, at, entries[k].name, "legend");
  }
}

std::string SvgCanvas::finish(std::string_view label, std::string_view description) const {
  return fmt::format(
      R"(<svg viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" role="img" aria-label="{2}" preserveAspectRatio="xMinYMin meet">{3}{4}</svg>)",
      width_, height_, escape_html(label),
      description.empty() ? "" : fmt::format("<desc>{}</desc>", escape_html(description)), body_);
}

}  // namespace ganymede::report
