#include <ganymede/tools/study/run_record.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/config.h>
#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/pixel_floor.h>
#include <ganymede/models/quality/recall.h>
#include <ganymede/models/quality/verdict.h>

#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/tested_classes.h>

namespace ganymede::study {
namespace {

quality::BootstrapOptions bootstrap_options(const Context& c) {
  return {.replicates = static_cast<int>(c.recipe.integer("study.bootstrap")),
          .level = 1.0 - c.recipe.number("study.alpha"),
          .seed = c.seed};
}

/// Of the first fold.
std::size_t patients_in(const Context& c, Part part) {
  std::set<int> groups;
  for (int i : c.data.samples(0, part)) groups.insert(c.data.groups[std::size_t(i)]);
  return groups.size();
}

Json duplicates_record(const Context& c) {
  Json list = Json::array();
  const auto path = [&](int i) { return c.data.dataset.samples[std::size_t(i)].path; };
  // A split that the images came with may have torn a group.
  const auto parts = [&](const std::vector<int>& group) {
    std::set<Part> found;
    for (int i : group) found.insert(c.data.splits[0].part[std::size_t(i)]);
    std::string text;
    for (Part part : found) text += (text.empty() ? "" : ", ") + std::string(name_of(part));
    return text;
  };
  for (const std::vector<int>& set : c.data.duplicates.exact) {
    Json images = Json::array();
    for (int i : set) images.push_back(path(i));
    list.push_back({{"images", images}, {"kind", "exact"}, {"part", parts(set)}});
  }
  for (const NearPair& pair : c.data.duplicates.near)
    list.push_back({{"images", {path(pair.a), path(pair.b)}},
                    {"kind", fmt::format("near (correlation {:.3f})", pair.correlation)},
                    {"part", parts({pair.a, pair.b})}});
  return list;
}

/// Means over the classifiers of an arm, evaluation by evaluation. All take the same steps, so all
/// were evaluated at the same ones.
Json curve_record(const Context& c, const ArmResults& arm) {
  Json step = Json::array(), epoch = step, train = step, validation = step, test = step;
  const std::vector<ClassifierResult>& all = arm.classifiers;
  const auto mean = [&](std::size_t i, auto value) {
    double sum = 0;
    for (const ClassifierResult& r : all) sum += value(r, r.history.at(i));
    return sum / double(all.size());
  };
  const double batch = c.recipe.number("classifier.batch");
  for (std::size_t i = 0; i < all[0].history.size(); ++i) {
    using R = ClassifierResult;
    step.push_back(all[0].history[i].step);
    epoch.push_back(mean(
        i, [&](const R& r, const Evaluation& e) { return e.step * batch / r.training_images; }));
    train.push_back(mean(i, [](const R&, const Evaluation& e) { return e.training_accuracy; }));
    validation.push_back(
        mean(i, [](const R&, const Evaluation& e) { return e.validation_accuracy; }));
    test.push_back(
        mean(i, [](const R&, const Evaluation& e) { return e.watched_accuracy.value(); }));
  }
  return {{"step", step},
          {"epoch", epoch},
          {"train", train},
          {"validation", validation},
          {"test", test}};
}

/// Of each class the share recognised. Two classes have sensitivity and specificity instead.
Json recall_record(const Context& c, const TestResults& test, const ArmResults& arm) {
  Json record;
  const auto recalls = quality::class_recalls(test.truth, arm.seeds);
  for (int k = 0; k < c.data.classes(); ++k)
    record[c.class_name(k)] = report::seeds_json(recalls[std::size_t(k)]);
  return record;
}

/// What always guessing the largest class of the test part reaches; with folds each image counts
/// once, as in the accuracy.
Json majority_record(const Context& c) {
  std::vector<int> labels;
  for (int fold = 0; fold < c.folds; ++fold)
    for (int i : c.data.samples(fold, Part::test))
      labels.push_back(c.data.dataset.samples[std::size_t(i)].class_index);
  const auto majority = quality::majority_class(labels, c.data.classes());
  return {{"class", c.class_name(majority.of_class)}, {"share", majority.share}};
}

/// Of the positive class, or of each against the rest.
Json roc_record(const Context& c, const TestResults& test, const ArmResults& arm) {
  if (c.data.classes() == 2) return report::roc_json(mean_roc(test, arm, c.data.positive));
  Json record;
  for (int k = 0; k < c.data.classes(); ++k)
    record[c.class_name(k)] = report::roc_json(mean_roc(test, arm, k));
  return record;
}

Json arm_record(const Context& c, const TestResults& test, const ArmResults& arm) {
  Json record;
  for (quality::Metric metric : quality::reported_metrics(c.data.classes()))
    record[quality::to_string(metric)] = report::metric_json(
        quality::bootstrap_metric(metric, test.truth, arm.seeds, bootstrap_options(c)));
  quality::Confusion sum{c.data.classes(), std::vector<std::int64_t>(
                                               std::size_t(c.data.classes() * c.data.classes()))};
  for (const quality::Predictions& p : arm.seeds)
    sum += quality::confusion_matrix(test.truth.labels, p.predicted, c.data.classes());
  record["confusion"] = report::confusion_json(sum.counts, c.data.classes());
  record["roc"] = roc_record(c, test, arm);
  if (c.data.classes() > 2) record["recall"] = recall_record(c, test, arm);
  Json thresholds = Json::array(), strengths = Json::array(), validation = Json::array();
  for (const ClassifierResult& r : arm.classifiers) {
    thresholds.push_back(r.threshold);
    strengths.push_back(r.strength);
    validation.push_back(r.validation_metric);
  }
  record["threshold"] = thresholds;
  record["trials"] = arm.classifiers[0].trials;
  record["steps"] = arm.classifiers[0].steps;
  record["strength"] = strengths;
  record["validation"] = validation;
  record["training_images"] = arm.classifiers[0].training_images;
  if (c.recipe.flag("study.curves")) record["curve"] = curve_record(c, arm);
  return record;
}

std::vector<float> pixels_of(const Context& c, int sample) {
  return to_float(c.data.images.image(sample));
}

}  // namespace

Json data_record(const Context& c) {
  Json skipped = Json::array();
  for (const Skipped& s : c.data.dataset.skipped)
    skipped.push_back({{"file", s.path}, {"reason", s.reason}});
  const std::set<int> patients(c.data.groups.begin(), c.data.groups.end());
  return {{"path", c.data.dataset.root},
          {"layout", c.data.dataset.layout},
          {"classes", c.data.dataset.classes},
          {"positive", c.class_name(c.data.positive)},
          {"images", c.data.dataset.samples.size()},
          {"patients", patients.size()},
          {"digest", c.data.digest},
          {"notes", c.data.dataset.notes},
          {"skipped", skipped}};
}

Json split_record(const Context& c) {
  Json record, by_class, patients;
  const std::vector<Part> parts = c.data.splits[0].parts();
  for (Part part : parts) {
    record[name_of(part)] = c.data.samples(0, part).size();
    patients[name_of(part)] = patients_in(c, part);
  }
  for (int k = 0; k < c.data.classes(); ++k)
    for (Part part : parts)
      by_class[c.class_name(k)][name_of(part)] = c.data.samples(0, part, k).size();
  record["by_class"] = by_class;
  record["patients"] = patients;
  record["majority"] = majority_record(c);
  record["duplicates"] = duplicates_record(c);
  record["straddling"] = c.data.splits[0].straddling;
  return record;
}

Json arms_record(const Context& c, const TestResults& test) {
  Json record;
  for (const ArmResults& arm : test.arms) record[arm.arm][arm.network] = arm_record(c, test, arm);
  return record;
}

Json floor_record(const Context& c, const TestResults& test) {
  quality::Predictions scores;
  std::vector<quality::PixelFloor> floors;
  for (int fold = 0; fold < c.folds; ++fold) {
    std::vector<quality::PixelStatistics> development, tested;
    std::vector<int> development_labels, test_labels;
    const auto add = [&](Part part, std::vector<quality::PixelStatistics>& to,
                         std::vector<int>& labels) {
      for (int i : c.data.samples(fold, part)) {
        to.push_back(quality::pixel_statistics(pixels_of(c, i)));
        labels.push_back(c.data.dataset.samples[std::size_t(i)].class_index);
      }
    };
    add(Part::train, development, development_labels);
    add(Part::validation, development, development_labels);
    add(Part::test, tested, test_labels);
    floors.push_back(quality::pixel_floor(development, development_labels, tested, test_labels,
                                          c.data.classes(), c.data.positive));
    const std::vector<double>& more = floors.back().test_scores;
    scores.scores.insert(scores.scores.end(), more.begin(), more.end());
  }
  return report::floor_json(
      floors, quality::bootstrap_metric(quality::Metric::auc, test.truth, std::vector{scores},
                                        bootstrap_options(c)));
}

Json verdict_record(const Context& c, const TestResults& test, bool quick) {
  const quality::VerdictRules rules = verdict_rules(c, quick);
  std::vector<quality::NetworkComparison> comparisons;
  for (const std::string& network : c.recipe.texts("classifier.networks")) {
    const ArmResults* arm = test.find(rules.arm, network);
    const ArmResults* baseline = test.find(rules.baseline, network);
    if (!arm || !baseline) return nullptr;
    const auto mean = [&](const ArmResults& r) {
      return quality::bootstrap_metric(rules.metric, test.truth, r.seeds, bootstrap_options(c))
          .estimate;
    };
    comparisons.push_back({network, mean(*arm), mean(*baseline),
                           quality::bootstrap_difference(rules.metric, test.truth, arm->seeds,
                                                         baseline->seeds, bootstrap_options(c))});
  }
  return report::verdict_json(quality::decide(rules, tested_classes(c), std::move(comparisons)));
}

Json settings_record(const Recipe& recipe) {
  Json record;
  for (const RecipeEntry& e : recipe.entries()) {
    const std::size_t dot = e.key.find('.');
    Json value =
        Json::parse(e.value, nullptr, false);  // TOML's numbers, words and lists are JSON too
    if (value.is_discarded()) value = e.value;
    record[e.key.substr(0, dot)][e.key.substr(dot + 1)] = value;
  }
  return record;
}

Json quick_record(bool on, const std::vector<RecipeChange>& changes) {
  Json changed = Json::array();
  for (const RecipeChange& change : changes)
    changed.push_back({{"key", change.key}, {"old", change.before}, {"new", change.after}});
  return {{"on", on}, {"changed", changed}};
}

Json versions_record() {
  const Stream& stream = current_stream();
  Json record{{"ganymede", GANYMEDE_VERSION},
              {"device", to_string(stream.device())},
              {"kernels", to_string(stream.kernels())},
              {"math", kernels::name_of(stream.math_mode())},
              {"cuda", GANYMEDE_HAS_CUDA ? "built in" : "not built in"},
              {"convolutions on the CPU", GANYMEDE_ONEDNN ? "oneDNN" : "own"},
              {"compiler", __VERSION__}};
  if (const std::string table = kernel_table_text(stream); !table.empty())
    record["kernel table"] = table;
  return record;
}

}  // namespace ganymede::study
