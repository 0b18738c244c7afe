#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

constexpr const char* baseline_name = "PCA";
constexpr int baseline_color = 6;  // grey

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::vector<std::string> names_of(const Json& detectors) {
  std::vector<std::string> names;
  if (!detectors.is_object()) return names;
  for (const char* name : {"none", "anogan", "gan", "classic", "oversample"})
    if (detectors.contains(name)) names.emplace_back(name);
  for (const auto& [name, record] : detectors.items())
    if (name != baseline_name) add_once(names, name);
  if (detectors.contains(baseline_name)) names.emplace_back(baseline_name);
  return names;
}

}  // namespace

std::vector<Detector> detectors_of(const Json& detection) {
  const Json& all = part(detection, "detectors");
  std::vector<Detector> detectors;
  for (const auto& name : names_of(all)) {
    const bool baseline = name == baseline_name;
    const Json& record = part(all, name);
    const int color = baseline ? baseline_color : int(detectors.size() % baseline_color);
    if (record.is_object()) detectors.push_back({name, &record, baseline, color});
  }
  return detectors;
}

std::vector<Detector> arms_of_detectors(const Json& detection) {
  auto arms = detectors_of(detection);
  std::erase_if(arms, [](const Detector& d) { return d.baseline; });
  return arms;
}

std::vector<std::string> scored_classes(const Json& detection) {
  std::vector<std::string> classes;
  const auto learnt = in_words(part(detection, "train_class"));
  for (const auto& detector : detectors_of(detection)) {
    const Json& means = part(*detector.record, "mean_score");
    if (!std::isnan(number_at(means, learnt))) add_once(classes, learnt);
    for (const auto& [name, mean] : means.items())
      if (name != learnt) add_once(classes, name);
  }
  return classes;
}

std::string sought_in_words(const Json& detection) {
  auto classes = scored_classes(detection);
  std::erase(classes, in_words(part(detection, "train_class")));
  return classes.size() == 1 ? class_in_words(classes.front()) : "another class";
}

std::size_t trainings_of(const Json& detection) {
  std::size_t seeds = 0;
  for (const auto& arm : arms_of_detectors(detection))
    seeds = std::max(seeds, part(part(*arm.record, "auc"), "per_seed").size());
  return seeds;
}

std::vector<AnomalyPlot> anomaly_pictures(const Json& run) {
  const Json& detection = part(run, "detection");
  std::vector<AnomalyPlot> pictures;
  for (auto* plots : {interval_plots, roc_plots, mean_plots, score_plots, turned_plots})
    for (auto& plot : plots(detection)) pictures.push_back(std::move(plot));
  return pictures;
}

}  // namespace ganymede::report
