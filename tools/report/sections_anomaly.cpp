#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

Json svgs_of(const std::vector<AnomalyPlot>& plots) {
  Json list = Json::array();
  for (const auto& plot : plots) list.push_back(plot.svg);
  return plots.empty() ? Json(nullptr) : Json{{"plots", list}};
}

Json figures_of(const Json& detection, const std::filesystem::path& folder) {
  Json figures = Json::array();
  for (const auto& picture : part(detection, "pictures")) {
    if (!has(picture, "path")) continue;
    const auto uri = picture_uri(folder, in_words(part(picture, "path")));
    const auto text = has(picture, "text") ? in_words(part(picture, "text")) : "";
    if (!uri.empty()) figures.push_back({{"src", uri}, {"text", text}});
  }
  return figures;
}

/// What a score is made of: the weight of the discriminator's features, the rest is the pixels'.
Json score_in_words(const Json& detection) {
  const double weight = number_at(detection, "weight");
  if (std::isnan(weight)) return nullptr;
  return {{"pixels", in_words(Json(1 - weight))},
          {"features", in_words(Json(weight))},
          {"encoder", part(detection, "search") == Json("encoder")}};
}

}  // namespace

Json anomaly_section(const Json& run, const std::filesystem::path& folder) {
  const Json& detection = part(run, "detection");
  if (detectors_of(detection).empty()) return nullptr;
  return {{"learnt", class_in_words(in_words(part(detection, "train_class")))},
          {"sought", sought_in_words(detection)},
          {"images", has(detection, "images") ? in_words(part(detection, "images")) + " " : "the "},
          {"score", score_in_words(detection)},
          {"table", arms_table(run)},
          {"overview", svgs_of(interval_plots(detection))},
          {"comparisons", comparisons_table(run)},
          {"roc_plots", svgs_of(roc_plots(detection))},
          {"mean_plots", svgs_of(mean_plots(detection))},
          {"score_plots", svgs_of(score_plots(detection))},
          {"turned", turned_table(detection)},
          {"turned_plots", svgs_of(turned_plots(detection))},
          {"augmentation", augmentation_table(detection)},
          {"figures", figures_of(detection, folder)}};
}

}  // namespace ganymede::report
