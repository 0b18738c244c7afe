#include <ganymede/tools/verbs/detect.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/engine/hash.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/data_options.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/detection/detector.h>
#include <ganymede/tools/study/detection/record.h>
#include <ganymede/tools/study/detection/residual_pictures.h>
#include <ganymede/tools/study/detection/scored_images.h>
#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/training_record.h>

namespace ganymede {
namespace {

using study::DetectorScores;
using study::Json;
using study::Prepared;
using study::Tested;

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out, detector;
};

DetectorScores ranked(const std::string& name, std::vector<double> scores) {
  return {name, {{.scores = std::move(scores), .predicted = {}}}};
}

/// How well the scores tell the classes apart: lines for a person, the parts of run.json.
Json judge(const Recipe& recipe, const Prepared& data, const Tested& tested,
           const std::vector<DetectorScores>& rankings) {
  fmt::print("{} tested, learnt was '{}'; a higher score is to mean another class\n",
             counted(std::ssize(tested.samples), "image"),
             data.dataset.classes[std::size_t(tested.learnt)]);
  Json detectors;
  for (const DetectorScores& r : rankings) {
    const quality::BootstrapResult auc = study::auc_of(tested, r, recipe);
    fmt::print("{:<8} AUC {:.3f} ({:.3f} to {:.3f}){}\n", r.name, auc.estimate, auc.interval.low,
               auc.interval.high,
               auc.estimate < 0.5 ? "  below chance: it ranks the learnt class as stranger" : "");
    detectors[r.name] = study::detector_record(data, recipe, tested, r);
  }
  return detectors;
}

void write_record(const RunFolder& folder, const Recipe& recipe, const Prepared& data, Json more) {
  Json run{{"verb", "detect"},
           {"recipe", recipe.name()},
           {"seed", recipe.integer("study.seed")},
           {"notes", data.dataset.notes},
           {"data", {{"path", data.dataset.root}, {"images", data.dataset.samples.size()}}},
           {"settings", study::settings_record(recipe)},
           {"versions", study::versions_record()}};
  run.update(more);
  write_file(folder.file("run.json"), text_of(run));
  report::write_report(folder.path());
  fmt::print("{}\n{}\n", folder.file("scores.csv"), folder.file("report.html"));
}

std::uint64_t seed_of(const Recipe& recipe) { return std::uint64_t(recipe.integer("study.seed")); }

/// Learns the class and scores the test part.
int train_and_score(const Options& o) {
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  if (!study::is_detection(recipe))
    throw SettingError("detect: a detector learns one class; set data.split = \"detection\"");
  study::require_outside(o.out, o.data.path);
  const Prepared data = study::prepare_data(o.data, recipe, 1, seed_of(recipe));
  const RunFolder folder = RunFolder::open(o.out, recipe, {study::fingerprint_setting(data)});
  write_split(folder.file("split.csv"), data.dataset, data.splits[0]);
  const Tested tested = study::tested_images(data, recipe);
  const std::string learnt = data.dataset.classes[std::size_t(tested.learnt)];
  const std::vector<int> train = data.samples(0, Part::train, tested.learnt);
  study::Detector detector(folder, recipe, data.channels,
                           {"detector", "AnoGAN " + learnt, study::resident(data, train)},
                           seed_of(recipe));
  const std::vector<Image> images = data.images_of(tested.samples);
  const study::ScoredImages scored{
      tested.samples,
      study::find_images(folder, "detector/found", "searching", detector.finder(), data, images),
      study::baseline_scores(data, recipe, train, tested.samples)};
  study::write_scores(data, folder, scored);
  const std::vector<double> scores = scored.found.scores();
  Json detection{{"train_class", learnt},
                 {"images", images.size()},
                 {"weight", recipe.number("detect.weight")},
                 {"search", recipe.text("detect.search")},
                 {"pictures", study::write_extremes(folder, images, scored.found.images, scores)}};
  detection["detectors"] =
      judge(recipe, data, tested, {ranked("AnoGAN", scores), ranked("PCA", scored.baseline)});
  write_record(folder, recipe, data,
               {{"detection", detection},
                {"gan",
                 {{"detector", study::training_record(detector.training(),
                                                      study::logged_speed(folder, "detector"))}}},
                {"quick", study::quick_record(o.recipe.quick, changes)}});
  return 0;
}

/// All images of the set as tested ones, where its labels name the learnt class and another;
/// nothing tested else.
Tested labelled(const Prepared& data, const Recipe& recipe, const std::vector<int>& samples) {
  const auto& classes = data.dataset.classes;
  const auto learnt = std::ranges::find(classes, recipe.text("detect.train_class"));
  Tested tested{.learnt = int(learnt - classes.begin()), .samples = {}, .truth = {}};
  if (learnt == classes.end() || classes.size() < 2) return tested;
  tested.samples = samples;
  for (int i : samples)
    tested.truth.labels.push_back(data.dataset.samples[std::size_t(i)].class_index !=
                                  tested.learnt);
  tested.truth.groups = data.groups_of(samples);
  return tested;
}

/// The recipe that the detector was trained with; --set may change the search.
Recipe recipe_of(const SavedNotes& notes, const Options& o) {
  Recipe recipe = notes.recipe;
  recipe.set(fmt::format("data.channels={}", notes.options.network.channels));
  recipe.set("data.duplicates=group");  // every file gets its score
  for (const std::string& assignment : o.recipe.assignments) {
    if (!assignment.starts_with("detect.") && !assignment.starts_with("study."))
      throw SettingError(
          "detect: --set " + assignment +
          ": the detector is trained; only [detect]'s search and [study] can change");
    recipe.set(assignment);
  }
  return recipe;
}

/// Scores every image of a folder with a trained detector; a file without a score has its reason.
int load_and_score(const Options& o) {
  if (!o.recipe.recipe.empty() || o.recipe.quick)
    throw SettingError("detect: --detector brings its own recipe; leave --recipe and --quick out");
  study::require_outside(o.out, o.data.path);
  study::LoadedDetector detector(o.detector);
  const Recipe recipe = recipe_of(detector.notes(), o);
  study::DataSource source = o.data;
  source.skip_broken = true;
  source.unused = Unused::ignore;
  const Prepared data = study::prepare_images(source, recipe);
  const RunFolder folder = RunFolder::open(
      o.out, recipe, {study::fingerprint_setting(data), {"detector", file_hash(o.detector)}});
  std::vector<int> all(data.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  const std::vector<Image> images = data.images_of(all);
  const study::ScoredImages scored{all, study::find_images(folder, "detector/found", "searching",
                                                           detector.finder(recipe), data, images)};
  study::write_scores(data, folder, scored, data.dataset.skipped);
  const std::vector<double> scores = scored.found.scores();
  Json detection{{"train_class", recipe.text("detect.train_class")},
                 {"images", images.size()},
                 {"weight", recipe.number("detect.weight")},
                 {"search", recipe.text("detect.search")},
                 {"pictures", study::write_extremes(folder, images, scored.found.images, scores)}};
  const std::size_t skipped = data.dataset.skipped.size();
  fmt::print("{} scored, {} without a score\n", counted(std::ssize(images), "image"),
             counted(std::int64_t(skipped), "file"));
  if (const Tested tested = labelled(data, recipe, all); !tested.samples.empty())
    detection["detectors"] = judge(recipe, data, tested, {ranked("AnoGAN", scores)});
  write_record(folder, recipe, data, {{"detection", detection}});
  return 0;
}

int run(const Options& o) {
  if (o.detector.empty() && o.recipe.recipe.empty())
    throw SettingError("detect: --recipe is needed (ganymede recipe list), or --detector");
  return on_device(o.recipe.device,
                   [&] { return o.detector.empty() ? train_and_score(o) : load_and_score(o); });
}

}  // namespace

void add_detect(CommandLine& program) {
  CommandLine& verb = program.verb(
      "detect",
      "Learn one class with AnoGAN and score how unlike it each test image is; or score a folder",
      "ganymede detect --data ~/chest-xrays --recipe my.toml --set data.split=detection "
      "--set detect.train_class=NORMAL --out runs/detect\n"
      "  ganymede detect --detector runs/detect/gan/detector/checkpoint.h5 --data ~/new --out "
      "runs/new");
  auto o = std::make_shared<Options>();
  declare_data(verb, o->data);
  verb.required("--out", o->out, "the run's folder; the same command goes on where it stopped");
  o->recipe.declare(verb);
  verb.option("--detector", o->detector,
              "checkpoint.h5 of a trained detector, or of any GAN without classes: scores all "
              "images of --data, trains nothing");
  verb.action([o] { return run(*o); });
}

}  // namespace ganymede
