#pragma once

#include <string>
#include <vector>

namespace ganymede::report {

/// One piece of a stacked bar.
struct BarPiece {
  double value = 0;
  int color = 0;       ///< k of the CSS class "ck"
  bool faint = false;  ///< what is gone or only for comparison
};

struct BarRow {
  std::string name;
  std::vector<BarPiece> pieces;
  std::string note;   ///< behind the bar
  bool thin = false;  ///< belongs to the row above
};

/// Stacked horizontal bars from 0 on.
struct BarPlot {
  std::string label;  ///< what a screen reader says
  std::string x_title;
  std::vector<BarRow> rows;
  std::vector<std::string> legend;  ///< of colours 0, 1, 2, ...
};
std::string bar_plot(const BarPlot& plot);

/// One group of a grouped plot: a value for each of its bars; one that is not finite has no bar.
struct BarGroup {
  std::string name;
  std::vector<double> values;
};

/// Vertical bars from 0 on in groups, each with its value above it: the same quantities (the bars)
/// of several things (the groups).
struct GroupedBarPlot {
  std::string label;  ///< what a screen reader says
  std::string title;  ///< in the picture, so that it can travel alone
  std::string y_title;
  std::vector<std::string> bars;  ///< names of the bars, colours 0, 1, 2, ...
  std::vector<BarGroup> groups;
};
std::string grouped_bar_plot(const GroupedBarPlot& plot);

}  // namespace ganymede::report
