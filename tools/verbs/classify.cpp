#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/classify.h>

#include <filesystem>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/quality/metric.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/classifier_unit.h>
#include <ganymede/tools/study/notes.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/results.h>
#include <ganymede/tools/study/run_record.h>

namespace ganymede {
namespace {

struct TrainOptions {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out, arm = "classic";
};

void print_metrics(const quality::TestSamples& truth, const quality::Predictions& predictions) {
  for (quality::Metric metric : quality::reported_metrics(truth.classes))
    fmt::print("{:<18} {:.3f}\n", quality::to_string(metric),
               quality::evaluate(metric, truth, predictions));
}

/// run.json of classifiers without a GAN, and the report made of it.
void write_record(const study::Context& c, bool quick, const std::vector<RecipeChange>& changes,
                  const study::TestResults& test) {
  const study::Json run{{"verb", "classify"},
                        {"recipe", c.recipe.name()},
                        {"seed", c.seed},
                        {"seeds", 1},
                        {"notes", study::notes_of(c, {})},
                        {"arms", study::arms_record(c, test)},
                        {"floor", study::floor_record(c, test)},
                        {"data", study::data_record(c)},
                        {"split", study::split_record(c)},
                        {"quick", study::quick_record(quick, changes)},
                        {"settings", study::settings_record(c.recipe)},
                        {"versions", study::versions_record()}};
  write_file(c.folder->file("run.json"), text_of(run));
  report::write_report(c.folder->path());
}

int train(const TrainOptions& o) {
  if (o.recipe.recipe.empty())
    throw SettingError("classify train: --recipe is needed; ganymede recipe list");
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  const study::Arm arm = study::arm_of(o.arm);
  study::require_outside(o.out, o.data.path);
  if (arm.fakes)
    throw SettingError("classify train: arm '" + o.arm +
                       "' needs a GAN; use ganymede study --arms " + o.arm);
  return on_device(o.recipe.device, [&] {
    const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
    const study::Prepared data = study::prepare_data(o.data, recipe, 1, seed);
    study::Context context{nullptr, recipe, data, {arm}, 1, 1, seed};
    study::require_trainable(context);
    const RunFolder folder =
        RunFolder::open(o.out, recipe, {study::fingerprint_setting(data), {"arm", o.arm}});
    context.folder = &folder;
    const study::Unit unit = context.units()[0];
    write_split(folder.file("split.csv"), data.dataset, data.splits[0]);
    std::vector<study::ArmResults> trained;
    for (const std::string& network : recipe.texts("classifier.networks"))
      trained.push_back({.arm = o.arm,
                         .network = network,
                         .classifiers = {study::train_arm(context, unit, arm, network, {})},
                         .seeds = {}});
    const study::TestResults test = study::test_arms(context, std::move(trained));
    for (const study::ArmResults& result : test.arms) {
      fmt::print("{}\n{} test images, none of them seen before\n",
                 folder.file(result.classifiers[0].file), test.samples.size());
      print_metrics(test.truth, result.seeds[0]);
    }
    write_record(context, o.recipe.quick, changes, test);
    fmt::print("{}\n", folder.file("report.html"));
    return 0;
  });
}

struct TestOptions {
  std::string checkpoint, data, out;
  DeviceOptions device;
};

/// scores.csv: one row per image, a probability per class, the decision.
void write_scores(const std::string& path, const Dataset& dataset, const SavedClassifier& saved,
                  const std::vector<float>& probabilities, const std::vector<int>& decided) {
  std::vector<std::string> header{"image", "label", "decided"};
  for (const std::string& c : saved.classes) header.push_back("p_" + c);
  std::vector<std::vector<std::string>> rows;
  const std::size_t classes = saved.classes.size();
  for (std::size_t i = 0; i < decided.size(); ++i) {
    rows.push_back({dataset.samples[i].path, dataset.samples[i].label,
                    saved.classes[std::size_t(decided[i])]});
    for (std::size_t k = 0; k < classes; ++k)
      rows.back().push_back(fmt::format("{:.6f}", probabilities[i * classes + k]));
  }
  write_table(path, header, rows);
}

std::vector<int> decisions(const SavedClassifier& saved, const std::vector<float>& probabilities) {
  const int classes = static_cast<int>(saved.classes.size());
  if (classes > 2) {
    const std::vector<double> scores(probabilities.begin(), probabilities.end());
    return quality::argmax_rows(scores, classes);
  }
  std::vector<int> decided;
  for (std::size_t i = std::size_t(saved.positive); i < probabilities.size(); i += 2)
    decided.push_back(probabilities[i] >= saved.threshold ? saved.positive : 1 - saved.positive);
  return decided;
}

int test(const TestOptions& o) {
  if (std::filesystem::exists(o.out))
    throw SettingError("classify test: --out " + o.out + " is there already; name a new file");
  return on_device(o.device, [&] {
    if (const std::filesystem::path folder = std::filesystem::path(o.out).parent_path();
        !folder.empty())
      make_folder(folder.string());
    const SavedClassifier saved = load_classifier(o.checkpoint);
    const study::DataSource source{
        .path = o.data, .groups = "", .split = "", .unused = Unused::ignore};
    const study::Prepared data = study::prepare_images(source, saved.recipe);
    std::vector<int> all(data.dataset.samples.size());
    std::iota(all.begin(), all.end(), 0);
    const int input = static_cast<int>(saved.recipe.integer("classifier.input"));
    const std::vector<float> probabilities =
        predict(*saved.network, study::resident(data, all).images, input);
    const std::vector<int> decided = decisions(saved, probabilities);
    write_scores(o.out, data.dataset, saved, probabilities, decided);
    fmt::print("{}, {}\n", counted(std::ssize(all), "image"), o.out);
    if (saved.classes.size() == 2)
      fmt::print(
          "decided '{}' where its probability is at least {:.4f} (chosen on the validation "
          "part)\n",
          saved.classes[std::size_t(saved.positive)], saved.threshold);
    if (data.dataset.classes != saved.classes) {
      fmt::print("no accuracy: the classifier knows the classes {}, the data has {}\n",
                 quality::join(saved.classes, ", "),
                 data.dataset.classes.empty() ? "none" : quality::join(data.dataset.classes, ", "));
    } else {
      std::vector<int> truth;
      for (const Sample& s : data.dataset.samples) truth.push_back(s.class_index);
      const auto confusion =
          quality::confusion_matrix(truth, decided, static_cast<int>(saved.classes.size()));
      fmt::print("accuracy {:.3f}, balanced {:.3f}\n", quality::accuracy(confusion),
                 quality::balanced_accuracy(confusion));
    }
    return 0;
  });
}

}  // namespace

void add_classify(CommandLine& program) {
  CommandLine& verb =
      program.verb("classify", "Train one classifier, or use one",
                   "ganymede classify test runs/first/classifiers/classic/resnet50-seed0.h5 "
                   "--data new-images --out scores.csv");
  auto t = std::make_shared<TrainOptions>();
  CommandLine& train_verb = verb.verb(
      "train", "One classifier without a GAN, tested once on the test part",
      "ganymede classify train --data ~/head-ct-hemorrhage --recipe headct-dcgan32 --out runs/cls");
  declare_data(train_verb, t->data);
  train_verb.required("--out", t->out, "the run's folder");
  train_verb.option("--arm", t->arm, "none, classic, oversample or classic+oversample");
  t->recipe.declare(train_verb);
  train_verb.action([t] { return train(*t); });

  auto u = std::make_shared<TestOptions>();
  CommandLine& test_verb =
      verb.verb("test", "Scores of a trained classifier for every image of a folder",
                "ganymede classify test classifier.h5 --data new-images --out scores.csv");
  test_verb.argument("CHECKPOINT", u->checkpoint, "a classifier's .h5 of a run");
  test_verb.required("--data", u->data, "a folder or a labels file");
  test_verb.required("--out", u->out, "the table to write");
  u->device.declare(test_verb);
  test_verb.action([u] { return test(*u); });
}

}  // namespace ganymede
