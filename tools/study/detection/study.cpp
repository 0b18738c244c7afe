#include <ganymede/tools/study/detection/study.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/table.h>
#include <ganymede/models/quality/verdict.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/audit.h>
#include <ganymede/tools/study/detection/augmentation.h>
#include <ganymede/tools/study/detection/augmentation_record.h>
#include <ganymede/tools/study/detection/detector.h>
#include <ganymede/tools/study/detection/record.h>
#include <ganymede/tools/study/detection/residual_pictures.h>
#include <ganymede/tools/study/detection/turned.h>
#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/outputs.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/tested_classes.h>
#include <ganymede/tools/study/training_record.h>
#include <ganymede/tools/study/training_set.h>

namespace ganymede::study {
namespace {

constexpr const char* network = "AnoGAN";

/// One arm's detectors over all seeds.
struct ArmDetectors {
  DetectorScores scores;
  int real = 0, generated = 0;  ///< training images, of the first seed
  std::int64_t steps = 0;
};

/// What the study has found out so far.
struct Results {
  std::vector<Synthesis> by_gan, by_detector;  ///< a unit each, where an arm wants them
  std::vector<ArmDetectors> arms;
};

std::unique_ptr<Detector> arm_detector(const Context& c, const Unit& unit, const Arm& arm,
                                       ResidentSet images) {
  const DetectorJob job{.where = fmt::format("detector/{}/{}", folder_name(arm.name), unit.name),
                        .title = fmt::format("{}, detector {}", unit.name, arm.name),
                        .images = std::move(images),
                        .classic = arm.classic && !augments_by_copies(c.recipe)};
  return std::make_unique<Detector>(*c.folder, c.recipe, c.data.channels, job, unit.seed);
}

/// The synthesis that the arm trains on, at the place of the learnt class.
std::vector<Synthesis> fakes_for(const Context& c, const Arm& arm, const Results& p,
                                 std::size_t u) {
  std::vector<Synthesis> all(std::size_t(c.data.classes()));
  if (arm.fakes)
    all[std::size_t(learnt_class(c.data, c.recipe))] =
        arm.by_detector ? p.by_detector[u] : p.by_gan[u];
  return all;
}

/// The detector of reals alone, which the others are measured against and augment from.
std::unique_ptr<Detector> plain_detector(const Context& c, const Unit& unit) {
  const Arm none = arm_of("none");
  return arm_detector(c, unit, none, training_set(c, unit, none, {}));
}

void make_images(const Context& c, const Unit& unit, Results& p) {
  if (wants(c.arms, Augmenter::gan)) {
    const auto gan = train_gan(c, unit, gan_jobs(c, unit.fold).front());
    p.by_gan.push_back(augment(c, unit, gan->gan(), Augmenter::gan));
  }
  if (wants(c.arms, Augmenter::anogan))
    p.by_detector.push_back(
        augment(c, unit, plain_detector(c, unit)->training().gan(), Augmenter::anogan));
}

void run_arm(const Context& c, const Unit& unit, const Arm& arm, const Tested& tested,
             const Results& p, std::size_t u, ArmDetectors& to) {
  const std::vector<Synthesis> fakes = fakes_for(c, arm, p, u);
  ResidentSet images = training_set(c, unit, arm, fakes);
  if (u == 0) {
    to.real = int(c.data.samples(0, Part::train, tested.learnt).size());
    to.generated = arm.fakes ? fakes[std::size_t(tested.learnt)].kept_count() : 0;
    if (!arm.reals) to.real = 0;
  }
  const auto detector = arm_detector(c, unit, arm, std::move(images));
  to.steps = detector->training().done();
  const Found found =
      find_images(*c.folder, fmt::format("search/test/{}/{}", folder_name(arm.name), unit.name),
                  fmt::format("{}, test by {}", unit.name, arm.name), detector->finder(), c.data,
                  c.data.images_of(tested.samples));
  to.scores.seeds.push_back({.scores = found.scores(), .predicted = {}});
}

Results run_units(const Context& c, const Tested& tested, Timing& timing) {
  Results p;
  for (const Arm& arm : c.arms) p.arms.push_back({.scores = {.name = arm.name, .seeds = {}}});
  const std::vector<Unit> units = c.units();
  if (wants(c.arms, Augmenter::gan)) timing.stage("augmentation", [&] { return train_gans(c), 0; });
  for (std::size_t u = 0; u < units.size(); ++u) {
    timing.stage("augmentation", [&] { return make_images(c, units[u], p), 0; });
    timing.stage("detectors", [&] {
      for (std::size_t a = 0; a < c.arms.size(); ++a)
        run_arm(c, units[u], c.arms[a], tested, p, u, p.arms[a]);
      return 0;
    });
  }
  return p;
}

/// The same distances in every seed: they do not depend on it.
DetectorScores baseline_of(const Context& c, const Tested& tested) {
  const auto distances = baseline_scores(
      c.data, c.recipe, c.data.samples(0, Part::train, tested.learnt), tested.samples);
  return {.name = "PCA",
          .seeds = std::vector<quality::Predictions>(std::size_t(c.seeds),
                                                     {.scores = distances, .predicted = {}})};
}

void write_scores(const Context& c, const Tested& tested,
                  const std::vector<DetectorScores>& detectors) {
  std::vector<std::string> head{"image", "label"};
  std::vector<std::vector<double>> means;
  for (const DetectorScores& d : detectors) {
    head.push_back(d.name);
    means.push_back(d.mean());
  }
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < tested.samples.size(); ++i) {
    const Sample& sample = c.data.dataset.samples[std::size_t(tested.samples[i])];
    rows.push_back({sample.path, sample.label});
    for (const auto& mean : means) rows.back().push_back(fmt::format("{:.5g}", mean[i]));
  }
  write_table(c.folder->file("scores.csv"), head, rows);
}

Json verdict_of(const Context& c, const Tested& tested, const Results& p, bool quick) {
  const std::vector<std::string>& primary = c.recipe.texts("study.primary");
  const auto find = [&](const std::string& name) -> const DetectorScores* {
    const auto it = std::ranges::find_if(
        p.arms, [&](const ArmDetectors& arm) { return arm.scores.name == name; });
    return it == p.arms.end() ? nullptr : &it->scores;
  };
  const DetectorScores *arm = find(primary[0]), *baseline = find(primary[1]);
  if (!arm || !baseline) return nullptr;
  return report::verdict_json(quality::decide(
      verdict_rules(c, quick), tested_classes(c),
      {{network, auc_of(tested, *arm, c.recipe).estimate,
        auc_of(tested, *baseline, c.recipe).estimate,
        quality::bootstrap_difference(quality::Metric::auc, tested.truth, arm->seeds,
                                      baseline->seeds, detection_bootstrap(c.recipe))}}));
}

/// Every arm with generated images against every arm without, and each against the baseline.
Json comparisons_of(const Context& c, const Tested& tested,
                    const std::vector<DetectorScores>& detectors) {
  Json list = Json::array();
  for (std::size_t a = 0; a < c.arms.size(); ++a)
    for (std::size_t b = 0; b < detectors.size(); ++b) {
      const bool plane = b == c.arms.size();
      if (plane || (c.arms[a].fakes && !c.arms[b].fakes))
        list.push_back(comparison_record(tested, detectors[a], detectors[b], c.recipe));
    }
  return list;
}

Json detection_of(const Context& c, const Tested& tested, const Results& p) {
  std::vector<DetectorScores> detectors;
  for (const ArmDetectors& arm : p.arms) detectors.push_back(arm.scores);
  detectors.push_back(baseline_of(c, tested));
  write_scores(c, tested, detectors);
  Json record{{"train_class", c.class_name(tested.learnt)},
              {"images", tested.samples.size()},
              {"weight", c.recipe.number("detect.weight")},
              {"search", c.recipe.text("detect.search")}};
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    Json one = detector_record(c.data, c.recipe, tested, detectors[i]);
    if (i < p.arms.size()) {
      one["training_images"] = {{"real", p.arms[i].real}, {"generated", p.arms[i].generated}};
      one["steps"] = p.arms[i].steps;
    }
    record["detectors"][detectors[i].name] = one;
  }
  record["comparisons"] = comparisons_of(c, tested, detectors);
  return record;
}

/// What there is to say of the generated images of the first seed.
void add_augmentation(const Context& c, const Results& p, Json& run) {
  Json pictures = Json::array();
  const auto add = [&](Augmenter by, const std::vector<Synthesis>& units) {
    if (units.empty()) return;
    run["detection"]["augmentation"][to_string(by)] =
        augmentation_record(c, units.front(), by, pictures);
  };
  add(Augmenter::gan, p.by_gan);
  add(Augmenter::anogan, p.by_detector);
  run["detection"]["pictures"] = pictures;
  if (p.by_gan.empty()) return;
  const Synthesis& fakes = p.by_gan.front();
  const std::string name = c.class_name(fakes.of_class);
  const Unit unit = c.units().front();
  const GanJob job = gan_jobs(c, 0).front();
  run["gan"][name] = gan_record(c, unit, job, *train_gan(c, unit, job), fakes, {});
  run["synthetic"][name] = synthetic_record(c, fakes);
  run["audit"][name] = audit_record(c, fakes);
}

}  // namespace

Json run_detectors(const Context& c, Timing& timing, bool quick) {
  const Tested tested = tested_images(c.data, c.recipe);
  const Results p = run_units(c, tested, timing);
  Fakes all(c.units().size());
  for (std::size_t u = 0; u < all.size(); ++u)
    for (const auto* made : {&p.by_gan, &p.by_detector})
      if (!made->empty()) all[u].push_back((*made)[u]);
  write_manifest(c, all);
  const Unit first = c.units().front();
  write_augmented(c, first,
                  p.by_gan.empty() ? std::vector<Synthesis>{} : std::vector{p.by_gan.front()});
  Json run;
  return timing.stage("measures", [&] {
    run["notes"] = c.data.dataset.notes;
    run["detection"] = detection_of(c, tested, p);
    if (Json verdict = verdict_of(c, tested, p, quick); !verdict.is_null())
      run["verdict"] = verdict;
    add_augmentation(c, p, run);
    if (!p.by_gan.empty())
      run["detection"]["turned"] =
          turned_record(c, tested, *plain_detector(c, first), p.by_gan.front());
    run["gan"]["detector"] =
        training_record(plain_detector(c, first)->training(),
                        logged_speed(*c.folder, "detector/none/" + first.name));
    run["augmented"] = {{"file", "augmented.csv"}, {"unit", first.name}};
    return run;
  });
}

}  // namespace ganymede::study
