#pragma once

#include <optional>
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

/// One series of a legend and the k of its CSS class "ck"; or another style for its mark.
struct LegendEntry {
  std::string name;
  int color = 0;
  std::string css = {};
};

/// Series 0, 1, 2, ... of these names.
std::vector<LegendEntry> entries_of(const std::vector<std::string>& names);

/// How many rows of 20 units a legend takes at that width; 0 for no entry.
int legend_rows(const std::vector<LegendEntry>& entries, double width);

/// About how wide a text of the plots is, and a bold one.
double text_width(std::string_view text);
double bold_width(std::string_view text);

/// Collects the elements of one plot. Colours, fonts and dashes are CSS classes of the page: series
/// k carries class "ck", so that light, dark and print need no second drawing.
class SvgCanvas {
 public:
  SvgCanvas(double width, double height) : width_(width), height_(height) {}

  void line(double x1, double y1, double x2, double y2, std::string_view css);
  void polyline(const std::vector<std::pair<double, double>>& points, std::string_view css);
  void circle(double x, double y, double radius, std::string_view css);
  /// `strength` is the opacity of the fill, where the style does not say it.
  void rectangle(double x, double y, double width, double height, std::string_view css,
                 std::optional<double> strength = {});
  /// `anchor`: start, middle or end.
  void text(double x, double y, std::string_view text, std::string_view css = "",
            std::string_view anchor = "start");
  void vertical_text(double x, double y, std::string_view text, std::string_view css);

  /// Grid lines, tick labels and titles of a plot area spanned by two axes.
  void axes(const Axis& x, const Axis& y);
  void x_axis(const Axis& x, double top, double bottom);
  void y_axis(const Axis& y, double left, double right);

  /// Swatch and name of each series between `left` and `right`, from `y` downwards in as many rows
  /// as it takes. `mark`: line, or the style of a rectangle.
  void legend(double left, double y, double right, const std::vector<LegendEntry>& entries,
              std::string_view mark);

  /// The whole element. `label` is read out in place of the picture, and after it the longer
  /// `description` where there is one.
  std::string finish(std::string_view label, std::string_view description = "") const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace ganymede::report
