#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/report/words.h>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

Series curve_of(const std::string& name, const Json& detector, int color) {
  Series curve{
      name + ", AUC " + fixed(number_at(part(detector, "auc"), "value"), 2), {}, {}, color};
  for (const auto& point : part(detector, "roc")) {
    const auto xy = numbers_of(point);
    if (xy.size() != 2) continue;
    curve.x.push_back(xy[0]);
    curve.y.push_back(xy[1]);
  }
  return curve;
}

Json row_of(const std::string& name, const Json& detector) {
  const Json& auc = part(detector, "auc");
  Json means = Json::array();
  for (const auto& [of_class, mean] : part(detector, "mean_score").items())
    means.push_back(in_words(mean));
  return {{"name", name},
          {"auc", fixed(number_at(auc, "value"))},
          {"interval", fixed(number_at(auc, "low")) + " to " + fixed(number_at(auc, "high"))},
          {"below", number_at(auc, "value") < 0.5},
          {"means", means}};
}

}  // namespace

Json anomaly_section(const Json& run, const std::filesystem::path& folder) {
  const Json& detection = part(run, "detection");
  const Json& detectors = part(detection, "detectors");
  if (!detectors.is_object() || detectors.empty()) return nullptr;
  Json rows = Json::array(), heads = Json::array(), figures = Json::array();
  std::vector<Series> curves;
  for (const auto& [name, detector] : detectors.items()) {
    rows.push_back(row_of(name, detector));
    curves.push_back(curve_of(name, detector, int(curves.size())));
  }
  for (const auto& [of_class, mean] : part(detectors.front(), "mean_score").items())
    heads.push_back(class_in_words(of_class));
  for (const auto& picture : part(detection, "pictures")) {
    const auto uri = picture_uri(folder, in_words(part(picture, "path")));
    if (!uri.empty()) figures.push_back({{"src", uri}, {"text", in_words(part(picture, "text"))}});
  }
  return {{"learnt", in_words(part(detection, "train_class"))},
          {"images", in_words(part(detection, "images"))},
          {"heads", heads},
          {"rows", rows},
          {"plot", roc_plot("ROC of the detectors", curves)},
          {"figures", figures}};
}

}  // namespace ganymede::report
