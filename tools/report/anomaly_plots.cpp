#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/text.h>
#include <ganymede/tools/report/words.h>

#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string learnt_in_words(const Json& detection) {
  return class_in_words(in_words(part(detection, "train_class")));
}

std::optional<std::array<double, 2>> ends_of(const Json& auc) {
  const std::array ends{number_at(auc, "low"), number_at(auc, "high")};
  if (std::isnan(ends[0]) || std::isnan(ends[1])) return {};
  return ends;
}

/// "gan, AUC 0.84 (0.82 to 0.86)".
std::string named(const std::string& name, const Json& auc) {
  const double value = number_at(auc, "value");
  if (std::isnan(value)) return name;
  const auto ends = ends_of(auc);
  return fmt::format(
      "{}, AUC {}{}", name, fixed(value, 2),
      ends ? fmt::format(" ({} to {})", fixed((*ends)[0], 2), fixed((*ends)[1], 2)) : "");
}

Series curve_of(const std::string& name, const Json& record, int color) {
  Series curve{named(name, part(record, "auc")), {}, {}, color};
  for (const auto& point : part(record, "roc")) {
    const auto xy = numbers_of(point);
    if (xy.size() != 2) continue;
    curve.x.push_back(xy[0]);
    curve.y.push_back(xy[1]);
  }
  return curve;
}

/// The learnt class in the first colour, all others in the second.
HistogramPlot scores_of(const Json& detection, const Detector& detector) {
  const auto learnt = in_words(part(detection, "train_class"));
  const auto title = "Scores of the test images, " + detector.name;
  HistogramPlot plot{title, "score (higher: less like " + class_in_words(learnt) + ")", {}, {}, {},
                     title};
  const Json& scores = part(*detector.record, "scores");
  std::vector<double> others;
  for (const auto& [name, values] : scores.items()) {
    if (name == learnt) continue;
    const auto more = numbers_of(values);
    others.insert(others.end(), more.begin(), more.end());
  }
  plot.names = {class_in_words(learnt) + " (learnt)", sought_in_words(detection)};
  plot.values = {numbers_of(part(scores, learnt)), others};
  return plot;
}

}  // namespace

std::vector<AnomalyPlot> interval_plots(const Json& detection) {
  IntervalPlot plot{"AUC of each arm",
                    fmt::format("AUC on the test images, {} against {}", sought_in_words(detection),
                                learnt_in_words(detection)),
                    {},
                    {},
                    "",
                    {},
                    "",
                    ""};
  for (const auto& detector : detectors_of(detection)) {
    const Json& auc = part(*detector.record, "auc");
    const double value = number_at(auc, "value");
    if (std::isnan(value)) continue;
    plot.rows.push_back(
        {detector.name, value, ends_of(auc), numbers_of(part(auc, "per_seed")), detector.color});
    if (!detector.baseline) continue;
    plot.reference = value;
    plot.reference_name = fmt::format("{} {}", detector.name, fixed(value, 2));
  }
  if (arms_of_detectors(detection).size() < 2 || plot.rows.size() < 2) return {};
  return {{"pictures/auc-arms.svg", interval_plot(plot)}};
}

std::vector<AnomalyPlot> roc_plots(const Json& detection) {
  std::vector<Series> curves;
  for (const auto& detector : detectors_of(detection))
    if (has(*detector.record, "roc"))
      curves.push_back(curve_of(detector.name, *detector.record, detector.color));
  const auto title =
      fmt::format("ROC: {} against {}", sought_in_words(detection), learnt_in_words(detection));
  if (curves.empty()) return {};
  return {{"pictures/roc-arms.svg", roc_plot(title, curves, title)}};
}

std::vector<AnomalyPlot> mean_plots(const Json& detection) {
  GroupedBarPlot plot{"Mean score of each class and arm",
                      "Mean score, detector of " + learnt_in_words(detection),
                      "mean score A",
                      {},
                      {}};
  const auto classes = scored_classes(detection);
  for (const auto& name : classes) plot.bars.push_back(class_in_words(name));
  for (const auto& arm : arms_of_detectors(detection)) {
    BarGroup group{arm.name, {}};
    for (const auto& name : classes)
      group.values.push_back(number_at(part(*arm.record, "mean_score"), name));
    plot.groups.push_back(std::move(group));
  }
  if (plot.groups.size() < 2 || classes.empty()) return {};
  return {{"pictures/mean-scores.svg", grouped_bar_plot(plot)}};
}

std::vector<AnomalyPlot> score_plots(const Json& detection) {
  std::vector<HistogramPlot> arms, baselines;
  std::vector<AnomalyPlot> plots;
  for (const auto& detector : detectors_of(detection)) {
    if (!has(*detector.record, "scores")) continue;
    (detector.baseline ? baselines : arms).push_back(scores_of(detection, detector));
    plots.push_back({fmt::format("pictures/scores-{}.svg", file_name(detector.name)), ""});
  }
  share_axes(arms);
  arms.insert(arms.end(), baselines.begin(), baselines.end());
  for (std::size_t k = 0; k < plots.size(); ++k) plots[k].svg = histogram_plot(arms[k]);
  return plots;
}

std::vector<AnomalyPlot> turned_plots(const Json& detection) {
  std::vector<Series> curves;
  for (const auto& [name, record] : part(detection, "turned").items()) {
    constexpr std::string_view generated = "generated ";
    const auto text = name.starts_with(generated) ? name.substr(generated.size()) : name;
    if (has(record, "roc")) curves.push_back(curve_of(text, record, int(curves.size() % 6)));
  }
  if (curves.empty()) return {};
  const std::string title = "ROC: generated against real images";
  return {{"pictures/roc-turned.svg", roc_plot(title, curves, title)}};
}

}  // namespace ganymede::report
