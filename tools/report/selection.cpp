#include <ganymede/tools/report/selection.h>
#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/words.h>

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

constexpr std::array stages{
    std::pair{"audited_out", "too close to a training image"},
    std::pair{"far", "far from every real image"},
    std::pair{"disagreed", "taken for another class"},
    std::pair{"duplicates", "nearly the same as another fake"},
    std::pair{"low_score", "scored too low"},
};

/// What is left, and what just went.
BarRow stage(const std::string& name, double left, double gone) {
  return {name,
          {{left, 0, false}, {gone, 1, true}},
          fmt::format("{} left ({})", thousands(left), with_sign(-gone, 0))};
}

}  // namespace

std::string selection_plot(const std::string& of_class, const Json& selection) {
  double left = number_at(selection, "candidates");
  const double kept = number_at(selection, "kept");
  if (!(left > 0)) return "";
  BarPlot plot{fmt::format("Selection of the fakes of {}: {} made, {} kept", of_class,
                           thousands(left), thousands(kept)),
               "synthetic images",
               {{"made", {{left, 0, false}}, thousands(left)}},
               {"left", "left out"}};
  for (const auto& [key, name] : stages) {
    const double gone = number_at(selection, key);
    if (!(gone > 0)) continue;
    left -= gone;
    plot.rows.push_back(stage(name, left, gone));
  }
  if (kept < left) plot.rows.push_back(stage("more than wanted", kept, left - kept));
  return bar_plot(plot);
}

}  // namespace ganymede::report
