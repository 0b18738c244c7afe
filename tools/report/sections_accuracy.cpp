#include <ganymede/tools/report/majority.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/report/svg_range.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

const Json& curve_of(const Json& run, const std::string& arm, const std::string& network) {
  return part(part(part(part(run, "arms"), arm), network), "curve");
}

/// "epoch" where every curve of the network says its epochs, else "step".
std::string axis_of(const Json& run, const std::string& network) {
  for (const auto& arm : arms_of(run)) {
    const Json& curve = curve_of(run, arm, network);
    if (has(curve, "step") && !has(curve, "epoch")) return "step";
  }
  return "epoch";
}

/// One line per arm of `key` (train or test).
std::vector<Series> lines_of(const Json& run, const std::string& network, const char* key) {
  std::vector<Series> lines;
  int color = 0;
  for (const auto& arm : arms_of(run)) {
    const Json& curve = curve_of(run, arm, network);
    Series line{arm, numbers_of(part(curve, axis_of(run, network))), numbers_of(part(curve, key)),
                color++};
    if (!line.x.empty() && line.x.size() == line.y.size()) lines.push_back(std::move(line));
  }
  return lines;
}

/// One range for all plots of a network, so that they can be compared: tenths around the values.
std::array<double, 2> range_of(const std::vector<std::vector<Series>>& plots) {
  Range range;
  for (const auto& lines : plots)
    for (const auto& line : lines)
      for (const double value : line.y) range.take(value);
  if (!(range.high >= range.low)) return {0, 1};
  return {std::max(0., std::floor(10 * range.low - .2) / 10),
          std::min(1., std::ceil(10 * range.high + .2) / 10)};
}

void add_plot(Json& plots, const Json& run, const std::string& network, const std::string& what,
              std::vector<Series> lines, std::array<double, 2> range, bool with_majority) {
  if (lines.empty()) return;
  LinePlot plot{what + " of each arm, " + network,
                axis_of(run, network),
                what,
                std::move(lines),
                {},
                range,
                {},
                ""};
  const double share = number_at(part(part(run, "split"), "majority"), "share");
  if (with_majority && share > range[0] && share < range[1]) {
    plot.reference = share;
    plot.reference_name = always_in_words(run) + ": " + fixed(share);
  }
  plots.push_back({{"caption", network + ": " + what}, {"plot", line_plot(plot)}});
}

}  // namespace

Json accuracy_section(const Json& run) {
  Json plots = Json::array();
  bool tested = false;
  for (const auto& network : networks_of(run)) {
    const auto train = lines_of(run, network, "train"), test = lines_of(run, network, "test");
    const auto range = range_of({train, test});
    tested = tested || !test.empty();
    add_plot(plots, run, network, "training accuracy", train, range, false);
    add_plot(plots, run, network, "test accuracy", test, range, shows_majority(run));
  }
  if (plots.empty()) return nullptr;
  return {{"plots", plots}, {"tested", tested}};
}

}  // namespace ganymede::report
