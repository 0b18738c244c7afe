#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace ganymede::report {

/// One curve; x and y of equal length, values that are not finite are left out.
struct Series {
  std::string name;
  std::vector<double> x, y;
  int color = 0;  ///< k of the CSS class "ck"
};

/// Curves over a common axis.
struct LinePlot {
  std::string label;  ///< what a screen reader says
  std::string x_title, y_title;
  std::vector<Series> lines;  ///< bold, with a legend where there is more than one
  std::vector<Series> raw;    ///< thin, behind them
  std::optional<std::array<double, 2>> y_range;  ///< else as the curves need, with 0
  std::optional<double> reference;               ///< a horizontal line, named in the legend
  std::string reference_name;
};
std::string line_plot(const LinePlot& plot);

/// Losses over iterations: each series thin as recorded, and bold as a moving mean.
std::string loss_plot(const std::string& label, const std::vector<Series>& series);

/// True over false positive rate, with the diagonal of chance; a `title` is drawn above it, for a
/// picture that travels alone.
std::string roc_plot(const std::string& label, const std::vector<Series>& series,
                     const std::string& title = "");

}  // namespace ganymede::report
