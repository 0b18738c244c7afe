#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ganymede::report {

/// Round positions that cover [low, high] in at most `most` steps.
std::vector<double> nice_ticks(double low, double high, int most = 6);

/// As short as the steps of `ticks` allow: "0.25", "1,500".
std::string tick_label(double value, const std::vector<double>& ticks);

/// A data range along one side of the plot area.
struct Axis {
  double low = 0;
  double high = 1;
  std::string title;
  double begin = 0;  ///< position of `low` in drawing units
  double end = 1;    ///< position of `high`

  double operator()(double value) const {
    return begin + (value - low) / (high - low) * (end - begin);
  }
};

/// Collects the elements of one plot. Colours, fonts and dashes are CSS classes of the page: series
/// k carries class "ck", so that light, dark and print need no second drawing.
class SvgCanvas {
 public:
  SvgCanvas(double width, double height) : width_(width), height_(height) {}

  void line(double x1, double y1, double x2, double y2, std::string_view css);
  void polyline(const std::vector<std::pair<double, double>>& points, std::string_view css);
  void circle(double x, double y, double radius, std::string_view css);
  void rectangle(double x, double y, double width, double height, std::string_view css);
  /// `anchor`: start, middle or end.
  void text(double x, double y, std::string_view text, std::string_view css = "",
            std::string_view anchor = "start");
  void vertical_text(double x, double y, std::string_view text, std::string_view css);

  /// Grid lines, tick labels and titles of a plot area spanned by two axes.
  void axes(const Axis& x, const Axis& y);
  void x_axis(const Axis& x, double top, double bottom);

  /// Swatch and name of each series in one row from `x` on.
  void legend(double x, double y, const std::vector<std::string>& names, std::string_view mark);

  /// The whole element. `label` is read out in place of the picture.
  std::string finish(std::string_view label) const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace ganymede::report
