#include <ganymede/tools/verbs/detect.h>

#include <array>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/intervals.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/tools/data_options.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/svg_heat_map.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/detector.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/training_record.h>

namespace ganymede {
namespace {

using study::Json;

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out;
};

/// One detector's ranking of the test part: the images of other classes are the positives.
struct Ranking {
  std::string name;
  std::vector<double> scores;
  quality::BootstrapResult auc;
};

Ranking ranking(const std::string& name, std::vector<double> scores, const study::Prepared& data,
                const study::Detection& d, const Recipe& recipe) {
  quality::TestSamples samples{.labels = d.abnormal, .groups = {}, .folds = {}};
  for (int i : d.samples) samples.groups.push_back(data.groups[std::size_t(i)]);
  const std::vector<quality::Predictions> predictions{{.scores = scores, .predicted = {}}};
  const auto auc =
      quality::bootstrap_metric(quality::Metric::auc, samples, predictions,
                                {.replicates = int(recipe.integer("study.bootstrap"))});
  return {name, std::move(scores), auc};
}

Json record_of(const Ranking& r, const study::Prepared& data, const study::Detection& d) {
  Json means;
  for (int k = 0; k < data.classes(); ++k) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < d.samples.size(); ++i)
      if (data.dataset.samples[std::size_t(d.samples[i])].class_index == k)
        sum += r.scores[i], ++count;
    if (count) means[data.dataset.classes[std::size_t(k)]] = sum / count;
  }
  Json roc = Json::array();
  for (const quality::RocPoint& p : quality::roc_curve(r.scores, d.abnormal, 1))
    roc.push_back({p.false_positive_rate, p.true_positive_rate});
  return {{"auc",
           {{"value", r.auc.estimate}, {"low", r.auc.interval.low}, {"high", r.auc.interval.high}}},
          {"mean_score", means},
          {"roc", roc}};
}

void draw_roc(const RunFolder& folder, const study::Detection& d,
              const std::array<Ranking, 2>& rankings) {
  std::vector<report::Series> series;
  for (const Ranking& r : rankings) {
    report::Series one{.name = r.name, .x = {}, .y = {}, .color = int(series.size()) + 1};
    for (const quality::RocPoint& p : quality::roc_curve(r.scores, d.abnormal, 1))
      one.x.push_back(p.false_positive_rate), one.y.push_back(p.true_positive_rate);
    series.push_back(std::move(one));
  }
  write_file(folder.file("roc.svg"),
             report::standalone_svg(report::roc_plot("ROC of the detector", series)));
}

void print(const study::Prepared& data, const study::Detection& d,
           const std::array<Ranking, 2>& rankings) {
  fmt::print("{} images tested, learnt was '{}'; a higher score is to mean another class\n",
             d.samples.size(), data.dataset.classes[std::size_t(d.train_class)]);
  for (const Ranking& r : rankings)
    fmt::print("{:<8} AUC {:.3f} ({:.3f} to {:.3f}){}\n", r.name, r.auc.estimate,
               r.auc.interval.low, r.auc.interval.high,
               r.auc.estimate < 0.5 ? "  below chance: it ranks the learnt class as stranger" : "");
}

void write_record(const RunFolder& folder, const Options& o, const Recipe& recipe,
                  const std::vector<RecipeChange>& changes, const study::Prepared& data,
                  GanTraining& detector, const study::Detection& d,
                  const std::array<Ranking, 2>& rankings) {
  Json detection{{"train_class", data.dataset.classes[std::size_t(d.train_class)]},
                 {"images", d.samples.size()},
                 {"weight", recipe.number("detect.weight")}};
  detection["pictures"] = study::write_extremes(folder, d);
  for (const Ranking& r : rankings) detection["detectors"][r.name] = record_of(r, data, d);
  const Json run{
      {"verb", "detect"},
      {"recipe", recipe.name()},
      {"seed", recipe.integer("study.seed")},
      {"notes", data.dataset.notes},
      {"data", {{"path", data.dataset.root}, {"images", data.dataset.samples.size()}}},
      {"detection", detection},
      {"gan",
       {{"detector", study::training_record(detector, study::logged_speed(folder, "detector"))}}},
      {"quick", study::quick_record(o.recipe.quick, changes)},
      {"settings", study::settings_record(recipe)},
      {"versions", study::versions_record()}};
  write_file(folder.file("run.json"), text_of(run));
  report::write_report(folder.path());
}

int run(const Options& o) {
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  if (recipe.text("data.split") != "detection")
    throw SettingError("detect: a detector learns one class; set data.split = \"detection\"");
  study::require_outside(o.out, o.data.path);
  return on_device(o.recipe.device, [&] {
    const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
    const study::Prepared data = study::prepare_data(o.data, recipe, 1, seed);
    const RunFolder folder = RunFolder::open(o.out, recipe, {{"data", data.digest}});
    write_split(folder.file("split.csv"), data.dataset, data.splits[0]);
    const auto detector = study::train_detector(data, recipe, folder, seed);
    const study::Detection d = study::detect(data, recipe, folder, *detector, seed);
    study::write_scores(data, folder, d);
    const std::array rankings{ranking("AnoGAN", d.scores(), data, d, recipe),
                              ranking("PCA", d.baseline, data, d, recipe)};
    draw_roc(folder, d, rankings);
    write_record(folder, o, recipe, changes, data, *detector, d, rankings);
    print(data, d, rankings);
    fmt::print("{}\n{}\n", folder.file("scores.csv"), folder.file("roc.svg"));
    return 0;
  });
}

}  // namespace

void add_detect(CommandLine& program) {
  CommandLine& verb = program.verb(
      "detect", "Learn one class with AnoGAN, and score how unlike it each test image is",
      "ganymede detect --data ~/chest-xrays --recipe my.toml --set data.split=detection "
      "--set detect.train_class=NORMAL --out runs/detect");
  auto o = std::make_shared<Options>();
  declare_data(verb, o->data);
  verb.required("--out", o->out, "the run's folder; the same command goes on where it stopped");
  o->recipe.declare(verb);
  verb.action([o] {
    if (o->recipe.recipe.empty())
      throw SettingError("detect: --recipe is needed; ganymede recipe list");
    return run(*o);
  });
}

}  // namespace ganymede
