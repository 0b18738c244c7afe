#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_lines.h>
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
  int color = -1;
  for (const auto& arm : arms_of(run)) {
    ++color;
    const Json& content = part(part(part(run, "arms"), arm), network);
    const Json& roc = part(content, "roc");
    const Json& points = roc.is_object() ? part(roc, of_class) : roc;
    Series curve{arm, {}, {}, color};
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
      const auto caption = of_class.empty()
                               ? network
                               : network + ": " + class_in_words(of_class) + " against the others";
      if (!curves.empty())
        plots.push_back(
            {{"caption", caption}, {"plot", roc_plot("ROC curves, " + caption, curves)}});
    }
  return plots.empty() ? Json(nullptr) : Json{{"plots", plots}};
}

}  // namespace ganymede::report
