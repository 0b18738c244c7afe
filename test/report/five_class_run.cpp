#include "five_class_run.h"

#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/recall.h>
#include <ganymede/models/quality/splitmix.h>
#include <ganymede/tools/report/run_json.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

namespace ganymede::test {

namespace {

using namespace quality;
using report::Json;

constexpr int seeds = 2, classes = 5;
constexpr std::array test_counts{117, 31, 40, 8, 4};
constexpr std::array train_counts{630, 167, 215, 46, 22};
const std::array<std::string, classes> names{"0", "1", "2", "3", "4"};
const std::array<std::string, 5> reasons{
    "too close to a training image", "nearly the same as another fake", "far from every real image",
    "taken for another class", "scored too low"};

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }
double normal(SplitMix64& random) { return normal_quantile(.001 + .998 * uniform(random)); }

TestSamples samples() {
  TestSamples result;
  result.classes = classes;
  for (int c = 0; c < classes; ++c) result.labels.insert(result.labels.end(), test_counts[c], c);
  return result;
}

/// Neighbouring grades are confused, and grade 0 is expected more often.
Predictions predictions(const TestSamples& test, double signal, std::uint64_t key) {
  Predictions result;
  SplitMix64 random(key);
  for (const int label : test.labels) {
    double total = 0;
    const double seen = signal * label + 1.1 * normal(random);
    for (int c = 0; c < classes; ++c) {
      const double away = seen - signal * c;
      result.scores.push_back(std::exp(-away * away / 2) * std::sqrt(train_counts[c] + 60.));
      total += result.scores.back();
    }
    for (int c = 0; c < classes; ++c) *(result.scores.end() - 1 - c) /= total;
  }
  result.predicted = argmax_rows(result.scores, classes);
  return result;
}

using Arms = std::map<std::string, std::vector<Predictions>>;

Arms arms_with(const TestSamples& test, std::uint64_t key) {
  Arms arms;
  double signal = .8;
  for (const char* arm : {"none", "classic", "gan", "classic+gan", "oversample"}) {
    for (int s = 0; s < seeds; ++s) arms[arm].push_back(predictions(test, signal, ++key));
    signal += .12;
  }
  return arms;
}

Json curve_json(double reached, std::uint64_t key) {
  SplitMix64 random(key);
  Json curve;
  for (int epoch = 1; epoch <= 40; ++epoch) {
    const double rise = 1 - std::exp(-epoch / 9.);
    curve["step"].push_back(17 * epoch);
    curve["epoch"].push_back(epoch);
    curve["train"].push_back(.5 + .47 * rise + .006 * normal(random));
    curve["validation"].push_back(.5 + (reached - .5) * rise + .02 * normal(random));
    curve["test"].push_back(.5 + (reached - .5) * rise + .012 * normal(random));
  }
  return curve;
}

Json arm_json(const TestSamples& test, const std::vector<Predictions>& arm) {
  Json json;
  for (const auto metric : reported_metrics(classes))
    json[to_string(metric)] =
        report::metric_json(bootstrap_metric(metric, test, arm, {.replicates = 400}));
  Confusion sum;
  for (const auto& one : arm) sum += confusion_matrix(test.labels, one.predicted, classes);
  json["confusion"] = report::confusion_json(sum.counts, classes);
  const auto recalls = class_recalls(test, arm);
  for (int c = 0; c < classes; ++c) json["recall"][names[c]] = report::seeds_json(recalls[c]);
  for (int c = 0; c < classes; ++c) {
    std::vector<std::vector<RocPoint>> curves;
    for (const auto& one : arm) {
      std::vector<double> scores;
      for (std::size_t i = std::size_t(c); i < one.scores.size(); i += classes)
        scores.push_back(one.scores[i]);
      curves.push_back(roc_curve(scores, test.labels, c));
    }
    json["roc"][names[c]] = report::roc_json(mean_roc(curves));
  }
  json["curve"] = curve_json(json["accuracy"]["mean"], sum.counts[0]);
  return json;
}

/// One GAN for all grades, as run.json has it under each class.
Json gan_json(int of_class) {
  SplitMix64 random(77);
  Json gan{{"name", "all"},
           {"objective", "wasserstein"},
           {"iterations", 189000},
           {"epochs", 1400},
           {"generator_updates", 37800},
           {"conditional", false},
           {"makes", names},
           {"trained_on", names},
           {"images_per_second", 96.},
           {"critic",
            "In 12 % of the last updates the critic's estimate was negative: it was not "
            "trained far enough for it to be a distance."}};
  gan["parameters"] = {{"generator", 18871427}, {"discriminator", 4314753}};
  double smoothed = 0;
  for (int i = 0; i < 378; ++i) {
    const double estimate = .12 + .9 * std::exp(-i / 70.) + .05 * normal(random);
    smoothed = i ? .95 * smoothed + .05 * estimate : estimate;
    const double real = .3 * estimate, fake = real - estimate;
    gan["losses"]["iteration"].push_back(500 * i);
    gan["losses"]["generator"].push_back(-fake);
    gan["losses"]["discriminator"].push_back(-estimate);
    gan["wasserstein"].push_back(estimate);
    gan["wasserstein_smoothed"].push_back(smoothed);
    gan["scores"]["real"].push_back(real);
    gan["scores"]["fake"].push_back(fake);
  }
  const bool enough = train_counts[of_class] >= 50;
  gan["frechet"] = {{"fakes", enough ? Json(11.2 + of_class) : Json(nullptr)},
                    {"untrained", enough ? Json(74.) : Json(nullptr)},
                    {"feature", "densenet121 of arm 'none', before its last stage"},
                    {"n", train_counts[of_class]},
                    {"d", 1024}};
  gan["diversity"] = {{"fakes", .104 + .003 * of_class}, {"reals", .131}};
  return gan;
}

Json synthetic_json(int of_class) {
  const auto folder = "synthetic/" + names[of_class] + "/";
  const int kept = train_counts[of_class] * 4 / 10, made = train_counts[of_class] * 2;
  const std::array gone{made / 50, made / 60, made / 8, made / 3, made / 10};
  Json json{{"made", made}, {"kept", kept}, {"rejected", made - kept}};
  json["selection"] = {{"candidates", made}, {"audited_out", gone[0]}, {"duplicates", gone[1]},
                       {"far", gone[2]},     {"disagreed", gone[3]},   {"low_score", gone[4]},
                       {"kept", kept}};
  for (std::size_t r = 0; r < reasons.size(); ++r) {
    json["reasons"][reasons[r]] = gone[r];
    if (gone[r] > 0)
      json["rejected_examples"].push_back(
          {{"reason", reasons[r]}, {"picture", folder + "rejected" + std::to_string(r) + ".png"}});
  }
  json["real"] = folder + "real.png";
  json["grid"] = folder + "grid.png";
  return json;
}

Json selector_json() {
  auto test = samples();
  test.labels.clear();
  for (int c = 0; c < classes; ++c) test.labels.insert(test.labels.end(), train_counts[c], c);
  const auto said = predictions(test, 1.1, 900);
  const auto confusion = confusion_matrix(test.labels, said.predicted, classes);
  return {{"network", "resnet18"},
          {"folds", 5},
          {"images", confusion.total()},
          {"accuracy", accuracy(confusion)},
          {"kappa", quadratic_kappa(confusion)},
          {"majority", majority_class(test.labels, classes).share},
          {"confusion", report::confusion_json(confusion.counts, classes)},
          {"classes", names}};
}

Json split_json(const TestSamples& test) {
  Json split{{"train", 1080}, {"validation", 264}, {"test", test.labels.size()}};
  for (int c = 0; c < classes; ++c)
    split["by_class"][names[c]] = {
        {"train", train_counts[c]}, {"validation", train_counts[c] / 4}, {"test", test_counts[c]}};
  const auto majority = majority_class(test.labels, classes);
  split["majority"] = {{"class", names[majority.of_class]}, {"share", majority.share}};
  return split;
}

Json verdict_of(const std::map<std::string, Arms>& networks, const TestSamples& test) {
  std::vector<NetworkComparison> comparisons;
  for (const auto& [network, arms] : networks) {
    const auto& arm = arms.at("classic+gan");
    const auto& baseline = arms.at("classic");
    const BootstrapOptions few{.replicates = 400};
    comparisons.push_back({network, bootstrap_metric(Metric::kappa, test, arm, few).estimate,
                           bootstrap_metric(Metric::kappa, test, baseline, few).estimate,
                           bootstrap_difference(Metric::kappa, test, arm, baseline, few)});
  }
  VerdictRules rules;
  rules.metric = Metric::kappa;
  rules.classes = classes;
  return report::verdict_json(
      decide(rules, tested_classes(test, {names.begin(), names.end()}), std::move(comparisons)));
}

Json made_run() {
  const auto test = samples();
  const std::map<std::string, Arms> networks{{"resnet101", arms_with(test, 10)},
                                             {"densenet121", arms_with(test, 50)}};
  Json run{{"verb", "study"}, {"recipe", "retina-wgan64"}, {"seed", 0}, {"seeds", seeds}};
  run["verdict"] = verdict_of(networks, test);
  for (const auto& [network, arms] : networks)
    for (const auto& [name, predicted] : arms)
      run["arms"][name][network] = arm_json(test, predicted);
  run["floor"] = {{"statistic", "5th percentile"},
                  {"higher_is_positive", false},
                  {"development_auc", .61},
                  {"auc", .58},
                  {"interval", {.54, .63}}};
  run["data"] = {{"path", "messidor-2"}, {"layout", "messidor-2"}, {"classes", names},
                 {"positive", "4"},      {"images", 1744},         {"patients", 874}};
  run["split"] = split_json(test);
  Json balance_rows = Json::array();
  for (int c = 0; c < classes; ++c) {
    run["gan"][names[c]] = gan_json(c);
    run["synthetic"][names[c]] = synthetic_json(c);
    const int fakes = std::min(3 * train_counts[c], train_counts[0] - train_counts[c]);
    balance_rows.push_back({{"class", names[c]},
                            {"reals", train_counts[c]},
                            {"fakes", fakes},
                            {"oversampled", fakes}});
  }
  run["selector"] = selector_json();
  run["balance"] = {{"plan", "fill"}, {"copies", 3}, {"rows", balance_rows}};
  return run;
}

}  // namespace

Json five_class_run() {
  static const Json run = made_run();
  return run;
}

}  // namespace ganymede::test
