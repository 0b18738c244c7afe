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

void SvgCanvas::rectangle(double x, double y, double width, double height, std::string_view css) {
  body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>)",
                       x, y, width, height, css);
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

void SvgCanvas::axes(const Axis& x, const Axis& y) {
  const auto ticks = nice_ticks(y.low, y.high, 5);
  for (const double tick : ticks) {
    line(x.begin, y(tick), x.end, y(tick), "grid");
    text(x.begin - 8, y(tick) + 4, tick_label(tick, ticks), "tick", "end");
  }
  x_axis(x, y.end, y.begin);
  vertical_text(x.begin - 48, (y.begin + y.end) / 2, y.title, "title");
}

void SvgCanvas::legend(double x, double y, const std::vector<std::string>& names,
                       std::string_view mark) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto css = fmt::format("{} c{}", mark, k % 7);
    if (mark == "bar")
      rectangle(x, y - 9, 14, 10, css);
    else
      line(x, y - 4, x + 22, y - 4, css);
    text(x + 28, y, names[k], "legend");
    x += 28 + 7.0 * double(names[k].size()) + 22;
  }
}

std::string SvgCanvas::finish(std::string_view label) const {
  return fmt::format(
      R"(<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}" preserveAspectRatio="xMinYMin meet">{}</svg>)",
      width_, height_, escape_html(label), body_);
}

}  // namespace ganymede::report
