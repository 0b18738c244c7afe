#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace ganymede::report {

/// One row of an interval plot: a value, its interval and the single seeds.
struct IntervalRow {
  std::string name;
  double value = 0;
  std::optional<std::array<double, 2>> interval;
  std::vector<double> points;
  int color = 0;
};

struct IntervalPlot {
  std::string label;  ///< what a screen reader says
  std::string x_title;
  std::vector<IntervalRow> rows;
  std::optional<double> reference;  ///< a vertical line (no difference; the floor)
  std::string reference_name;
  std::optional<double> half_band;  ///< half width of a shaded band around the reference
  std::string left, right;          ///< words at both ends of the axis ("GAN hurts")
};
std::string interval_plot(const IntervalPlot& plot);

/// Two distributions as overlaid bars (shares of each set), and limits as vertical lines.
struct HistogramPlot {
  std::string label, x_title;
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
  std::vector<std::pair<std::string, double>> limits;
  std::string title = {};                ///< in the picture, so that it can travel alone
  std::optional<double> x_end = {};      ///< the highest value shown, else the highest there is
  std::optional<double> top_share = {};  ///< the same of the shares
};
std::string histogram_plot(const HistogramPlot& plot);

/// Gives plots that are to be compared the ends of the one that needs most.
void share_axes(std::vector<HistogramPlot>& plots);

}  // namespace ganymede::report
