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

}  // namespace ganymede::report
