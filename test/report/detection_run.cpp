#include "detection_run.h"

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/significance.h>
#include <ganymede/models/quality/splitmix.h>
#include <ganymede/models/quality/verdict.h>
#include <ganymede/tools/report/run_json.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ganymede::test {

namespace {

using namespace quality;
using report::Json;

constexpr int images = 240, seeds = 2;
const std::array<const char*, 2> classes{"PNEUMONIA", "NORMAL"};  // by label: 1 is to be found

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }
double normal(SplitMix64& random) { return normal_quantile(.001 + .998 * uniform(random)); }

TestSamples samples() {
  TestSamples result;
  for (int i = 0; i < images; ++i) result.labels.push_back(i % 2);
  return result;
}

/// Scores around the two means; a part of what moves an image is the same in all arms and seeds.
std::vector<Predictions> scores_of(const std::array<double, 2>& means, double spread,
                                   std::uint64_t key) {
  std::vector<Predictions> result(seeds);
  for (int s = 0; s < seeds; ++s) {
    SplitMix64 shared(1), own(key, std::uint64_t(s));
    for (const int label : samples().labels)
      result[std::size_t(s)].scores.push_back(means[std::size_t(label)] +
                                              spread * (.9 * normal(shared) + .4 * normal(own)));
  }
  return result;
}

std::vector<double> mean_over_seeds(const std::vector<Predictions>& arm) {
  std::vector<double> means(images);
  for (const auto& one : arm)
    for (int i = 0; i < images; ++i) means[std::size_t(i)] += one.scores[std::size_t(i)] / seeds;
  return means;
}

Json auc_json(const TestSamples& test, const std::vector<Predictions>& arm) {
  const auto auc = bootstrap_metric(Metric::auc, test, arm, {.replicates = 200});
  return {{"value", auc.estimate},
          {"low", auc.interval.low},
          {"high", auc.interval.high},
          {"sd", auc.sd},
          {"per_seed", auc.per_seed}};
}

Json detector_json(const std::vector<Predictions>& arm) {
  const auto test = samples();
  const auto means = mean_over_seeds(arm);
  const auto delong = auc_interval(means, test.labels, 1);
  Json json{{"auc", auc_json(test, arm)}, {"delong", {{"low", delong.low}, {"high", delong.high}}}};
  std::array<double, 2> sums{};
  for (int i = 0; i < images; ++i) {
    const auto label = std::size_t(test.labels[std::size_t(i)]);
    json["scores"][classes[label]].push_back(means[std::size_t(i)]);
    sums[label] += means[std::size_t(i)] / (images / 2);
  }
  for (const std::size_t label : {0u, 1u}) json["mean_score"][classes[label]] = sums[label];
  json["gap"] = sums[1] - sums[0];
  json["roc"] = report::roc_json(roc_curve(means, test.labels, 1));
  return json;
}

struct Arm {
  std::string name;
  std::array<double, 2> means;
  int generated, steps;
};

const std::vector<Arm> arms{{"none", {473, 604}, 0, 20300},
                            {"anogan", {480, 612}, 3808, 44000},
                            {"gan", {506, 666}, 3808, 44000},
                            {"classic", {470, 590}, 0, 20300},
                            {"oversample", {471, 601}, 0, 44000}};

std::map<std::string, std::vector<Predictions>> predictions() {
  std::map<std::string, std::vector<Predictions>> all;
  std::uint64_t key = 10;
  for (const auto& arm : arms) all[arm.name] = scores_of(arm.means, 110, ++key);
  return all;
}

BootstrapResult difference_of(const std::vector<Predictions>& arm,
                              const std::vector<Predictions>& baseline) {
  return bootstrap_difference(Metric::auc, samples(), arm, baseline, {.replicates = 200});
}

Json comparison_json(const std::string& arm, const std::string& baseline,
                     const BootstrapResult& difference) {
  return {{"arm", arm},
          {"baseline", baseline},
          {"difference", difference.estimate},
          {"low", difference.interval.low},
          {"high", difference.interval.high},
          {"p", difference.p},
          {"delong_p", .25}};
}

Json turned_json(const std::array<double, 2>& means, const char* positive, std::uint64_t key) {
  const auto arm = scores_of(means, 110, key);
  const auto test = samples();
  return {{"auc", auc_json(test, arm)},
          {"roc", report::roc_json(roc_curve(mean_over_seeds(arm), test.labels, 1))},
          {"generated", images / 2},
          {"real", images / 2},
          {"positive", positive}};
}

Json detection_json(const std::map<std::string, std::vector<Predictions>>& all) {
  Json detection{
      {"train_class", "PNEUMONIA"}, {"images", images}, {"weight", .2}, {"search", "gradient"}};
  for (const auto& arm : arms) {
    Json record = detector_json(all.at(arm.name));
    record["training_images"] = {{"real", 3237}, {"generated", arm.generated}};
    record["steps"] = arm.steps;
    detection["detectors"][arm.name] = record;
  }
  detection["detectors"]["PCA"] = detector_json(scores_of({1.4, 1.8}, .5, 40));
  for (const char* arm : {"anogan", "gan", "classic", "oversample"})
    detection["comparisons"].push_back(
        comparison_json(arm, "none", difference_of(all.at(arm), all.at("none"))));
  for (const char* arm : {"gan", "anogan"})
    detection["augmentation"][arm]["of"] = {{{"class", "PNEUMONIA"},
                                             {"inputs", 3237},
                                             {"kept", 3200},
                                             {"ssim_to_input", .61},
                                             {"mean_residual", 402.7}},
                                            {{"class", "NORMAL"},
                                             {"inputs", 571},
                                             {"kept", 568},
                                             {"ssim_to_input", .47},
                                             {"mean_residual", 533.1}}};
  Json& turned = detection["turned"];
  turned["generated from NORMAL against real NORMAL"] = turned_json({500, 640}, "real NORMAL", 50);
  turned["generated from NORMAL against real NORMAL"]["paper"] = .9;
  turned["generated from NORMAL against real PNEUMONIA"] =
      turned_json({490, 495}, "generated from NORMAL", 51);
  turned["generated from PNEUMONIA against real PNEUMONIA"] =
      turned_json({450, 520}, "real PNEUMONIA", 52);
  detection["pictures"] = {{{"path", "pictures/pairs-PNEUMONIA.png"},
                            {"text", "Real PNEUMONIA images, under each its variation"}}};
  detection["paper"] = {{"none", {{"auc", .83}, {"normal", 604}, {"pneumonia", 473}}},
                        {"anogan", {{"auc", .82}, {"normal", 618}, {"pneumonia", 480}}},
                        {"gan", {{"auc", .88}, {"normal", 666}, {"pneumonia", 506}}}};
  return detection;
}

Json made_run() {
  const auto all = predictions();
  Json run{{"verb", "study"}, {"recipe", "cxr-iagan64"}, {"seed", 1}, {"seeds", seeds}};
  run["data"] = {{"path", "data/chest-xrays"}, {"classes", {"NORMAL", "PNEUMONIA"}}};
  run["split"] = {{"train", 3237}, {"validation", 0}, {"test", images}};
  run["detection"] = detection_json(all);
  const auto difference = difference_of(all.at("gan"), all.at("none"));
  const auto mean = [&](const char* arm) {
    return run["detection"]["detectors"][arm]["auc"]["value"].get<double>();
  };
  VerdictRules rules;
  rules.arm = "gan";
  rules.baseline = "none";
  run["verdict"] =
      report::verdict_json(decide(rules, tested_classes(samples(), {"PNEUMONIA", "other classes"}),
                                  {{"AnoGAN", mean("gan"), mean("none"), difference}}));
  return run;
}

}  // namespace

Json detection_run() {
  static const Json run = made_run();
  return run;
}

void write_detection_run(const std::filesystem::path& folder) {
  make_folder((folder / "pictures").string());
  Image image(8, 16, 1);
  for (int i = 0; i < 128; ++i) image.set(i / 16, i % 16, 0, std::uint16_t(2 * i));
  write_png((folder / "pictures/pairs-PNEUMONIA.png").string(), image);
  const nlohmann::json sorted = detection_run();
  write_file((folder / "run.json").string(), sorted.dump(1));
}

}  // namespace ganymede::test
