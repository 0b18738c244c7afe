#include <ganymede/tools/study/detection/record.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/detection/detector.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// Scores of one class's images.
std::vector<double> of_class(const Prepared& data, const Tested& tested,
                             const std::vector<double>& scores, int k) {
  std::vector<double> chosen;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (data.dataset.samples[std::size_t(tested.samples[i])].class_index == k)
      chosen.push_back(scores[i]);
  return chosen;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / double(values.size());
}

/// Mean of the positives less that of the others.
double gap_of(const Tested& tested, const std::vector<double>& scores) {
  std::vector<double> by_label[2];
  for (std::size_t i = 0; i < scores.size(); ++i)
    by_label[tested.truth.labels[i]].push_back(scores[i]);
  return mean_of(by_label[1]) - mean_of(by_label[0]);
}

}  // namespace

bool Tested::one_image_each() const {
  return std::set<int>(truth.groups.begin(), truth.groups.end()).size() == truth.groups.size();
}

Tested tested_images(const Prepared& data, const Recipe& recipe) {
  Tested tested{
      .learnt = learnt_class(data, recipe), .samples = data.samples(0, Part::test), .truth = {}};
  for (int i : tested.samples)
    tested.truth.labels.push_back(data.dataset.samples[std::size_t(i)].class_index !=
                                  tested.learnt);
  tested.truth.groups = data.groups_of(tested.samples);
  return tested;
}

std::vector<double> DetectorScores::mean() const {
  std::vector<double> sum(seeds.at(0).scores.size());
  for (const quality::Predictions& seed : seeds)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += seed.scores[i] / double(seeds.size());
  return sum;
}

quality::BootstrapOptions detection_bootstrap(const Recipe& recipe) {
  return {.replicates = int(recipe.integer("study.bootstrap")),
          .level = 1.0 - recipe.number("study.alpha"),
          .seed = std::uint64_t(recipe.integer("study.seed"))};
}

quality::BootstrapResult auc_of(const Tested& tested, const DetectorScores& scores,
                                const Recipe& recipe) {
  return quality::bootstrap_metric(quality::Metric::auc, tested.truth, scores.seeds,
                                   detection_bootstrap(recipe));
}

Json auc_record(const quality::BootstrapResult& auc) {
  return {{"value", auc.estimate},
          {"low", auc.interval.low},
          {"high", auc.interval.high},
          {"sd", auc.sd},
          {"per_seed", auc.per_seed}};
}

Json roc_record(const std::vector<int>& labels, const DetectorScores& scores) {
  std::vector<std::vector<quality::RocPoint>> curves;
  for (const quality::Predictions& seed : scores.seeds)
    curves.push_back(quality::roc_curve(seed.scores, labels, 1));
  return report::roc_json(quality::mean_roc(curves));
}

Json detector_record(const Prepared& data, const Recipe& recipe, const Tested& tested,
                     const DetectorScores& scores) {
  const std::vector<double> mean = scores.mean();
  Json record{{"auc", auc_record(auc_of(tested, scores, recipe))}};
  if (tested.one_image_each()) {
    const quality::Interval interval =
        quality::auc_interval(mean, tested.truth.labels, 1, 1.0 - recipe.number("study.alpha"));
    record["delong"] = {{"low", interval.low}, {"high", interval.high}};
  }
  for (int k = 0; k < data.classes(); ++k) {
    const std::vector<double> of_k = of_class(data, tested, mean, k);
    if (of_k.empty()) continue;
    record["mean_score"][data.dataset.classes[std::size_t(k)]] = mean_of(of_k);
    record["scores"][data.dataset.classes[std::size_t(k)]] = of_k;
  }
  record["gap"] = gap_of(tested, mean);
  record["roc"] = roc_record(tested.truth.labels, scores);
  return record;
}

Json comparison_record(const Tested& tested, const DetectorScores& arm,
                       const DetectorScores& baseline, const Recipe& recipe) {
  const quality::BootstrapResult d = quality::bootstrap_difference(
      quality::Metric::auc, tested.truth, arm.seeds, baseline.seeds, detection_bootstrap(recipe));
  Json record{{"arm", arm.name},       {"baseline", baseline.name}, {"difference", d.estimate},
              {"low", d.interval.low}, {"high", d.interval.high},   {"p", d.p}};
  if (tested.one_image_each())
    record["delong_p"] =
        quality::paired_delong(arm.mean(), baseline.mean(), tested.truth.labels, 1).p;
  return record;
}

}  // namespace ganymede::study
