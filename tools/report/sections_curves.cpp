#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// The curves of one network: one per arm, and per class where there are more than two.
std::vector<Series> roc_series(const Json& run, const std::string& network,
                               const std::string& of_class) {
  std::vector<Series> curves;
  for (const auto& arm : arms_of(run)) {
    const Json& content = part(part(part(run, "arms"), arm), network);
    const Json& roc = part(content, "roc");
    const Json& points = roc.is_object() ? part(roc, of_class) : roc;
    Series curve{arm, {}, {}};
    const double area = number_at(part(content, "auc"), "mean");
    if (!roc.is_object() && !std::isnan(area)) curve.name += ", AUC " + fixed(area, 2);
    for (const auto& point : points) {
      const auto xy = numbers_of(point);
      if (xy.size() != 2) continue;
      curve.x.push_back(xy[0]);
      curve.y.push_back(xy[1]);
    }
    if (!curve.x.empty()) curves.push_back(std::move(curve));
  }
  return curves;
}

std::vector<std::string> roc_classes(const Json& run, const std::string& network) {
  for (const auto& arm : arms_of(run)) {
    const Json& roc = part(part(part(part(run, "arms"), arm), network), "roc");
    if (!roc.is_object()) continue;
    std::vector<std::string> names;
    for (const auto& [name, points] : roc.items()) names.push_back(name);
    return names;
  }
  return {""};
}

}  // namespace

Json roc_section(const Json& run) {
  Json plots = Json::array();
  for (const auto& network : networks_of(run))
    for (const auto& of_class : roc_classes(run, network)) {
      const auto curves = roc_series(run, network, of_class);
      const auto caption = of_class.empty() ? network : network + ": " + of_class;
      if (!curves.empty())
        plots.push_back(
            {{"caption", caption}, {"plot", roc_plot("ROC curves, " + caption, curves)}});
    }
  return plots.empty() ? Json(nullptr) : Json{{"plots", plots}};
}

namespace {

Json confusion_rows(const Json& matrix, const Json& classes) {
  Json rows = Json::array();
  for (std::size_t truth = 0; truth < matrix.size(); ++truth) {
    const auto counts = numbers_of(matrix[truth]);
    double total = 0;
    for (const double count : counts) total += count;
    Json cells = Json::array();
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const double share = total > 0 ? counts[k] / total : 0;
      cells.push_back({{"count", thousands(counts[k])},
                       {"percent", fmt::format("{:.0f} %", 100 * share)},
                       {"share", fmt::format("{:.3f}", share)},
                       {"right", k == truth}});
    }
    const auto name = truth < classes.size() ? in_words(classes[truth]) : std::to_string(truth);
    rows.push_back({{"name", name}, {"cells", cells}});
  }
  return rows;
}

}  // namespace

Json confusion_section(const Json& run) {
  const Json& classes = part(part(run, "data"), "classes");
  Json matrices = Json::array();
  for (const auto& network : networks_of(run))
    for (const auto& arm : arms_of(run)) {
      const Json& matrix = part(part(part(part(run, "arms"), arm), network), "confusion");
      if (!matrix.is_array() || matrix.empty()) continue;
      const Json rows = confusion_rows(matrix, classes);
      Json heads = Json::array();
      for (const auto& row : rows) heads.push_back(row["name"]);
      matrices.push_back({{"arm", arm}, {"network", network}, {"heads", heads}, {"rows", rows}});
    }
  return matrices.empty() ? Json(nullptr) : Json{{"matrices", matrices}};
}

}  // namespace ganymede::report
