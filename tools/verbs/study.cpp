#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/study.h>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/recipe_keys.h>
#include <ganymede/tools/fitting_recipe.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/study/study.h>

namespace ganymede {
namespace {

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out;
  std::string arms, inputs;
  std::int64_t seeds = 0, folds = 0, gans_at_once = 0;
  bool plan = false;
};

/// "none,classic" as the recipe's list.
std::string as_list(const std::string& arms) {
  std::string list = "[\"";
  for (char c : arms) {
    if (c == ',')
      list += "\", \"";
    else if (c != ' ')
      list += c;
  }
  return list + "\"]";
}

/// " --out runs/first", as it was given; nothing where it is at its default.
std::string given(const std::string& name, const std::string& value,
                  const std::string& unset = "") {
  return value == unset ? "" : " " + name + " " + quoted(value);
}

std::string given(const std::string& name, std::int64_t value) {
  return value == 0 ? "" : fmt::format(" {} {}", name, value);
}

/// The command line as it was given, with this recipe.
std::string command_with(const FittingRecipe& fitting, const Options& o) {
  const DeviceOptions &device = o.recipe.device, usual;
  std::string command = "ganymede study --data " + quoted(o.data.path);
  command += given("--groups", o.data.groups) + given("--split", o.data.split);
  if (o.data.skip_broken) command += " --skip-broken";
  command += " --recipe " + fitting.name;
  if (o.recipe.quick) command += " --quick";
  for (const std::string& setting : fitting.settings) command += given("--set", setting);
  for (const std::string& setting : o.recipe.assignments) command += given("--set", setting);
  command += given("--arms", o.arms) + given("--seeds", o.seeds) + given("--folds", o.folds);
  command += given("--inputs", o.inputs) + given("--device", device.device, usual.device);
  command += given("--kernels", device.kernels, usual.kernels);
  command += given("--kernel-table", device.kernel_table);
  command += given("--math", device.math, usual.math);
  command += given("--gans-at-once", o.gans_at_once);
  if (o.plan) command += " --plan";
  const std::string out = o.out.empty() && !o.plan ? "runs/first" : o.out;
  return command + given("--out", out);
}

/// Which recipe fits the data, and the full command: the answer to a study without --recipe.
[[noreturn]] void name_a_recipe(const Options& o) {
  const Dataset dataset =
      open_dataset(o.data.path, o.data.skip_broken ? Broken::skip : Broken::refuse);
  require_two_classes(dataset, "a study");
  const FittingRecipe fitting = fitting_recipe(dataset, o.folds > 1 || !o.data.split.empty());
  throw SettingError(
      fmt::format("study: give a recipe. For '{}' ({}, {} images, {} classes) {} fits:\n  {}",
                  dataset.root, dataset.layout, dataset.samples.size(), dataset.classes.size(),
                  fitting.name, command_with(fitting, o)));
}

int run(Options o) {
  if (o.recipe.recipe.empty()) name_a_recipe(o);
  if (o.out.empty() && !o.plan)
    throw SettingError("study: --out DIR is needed (or --plan for the plan alone)");
  // The flags are shorthands of the recipe's keys; --set has the last word.
  std::vector<std::string> flags;
  if (!o.arms.empty()) flags.push_back("study.arms=" + as_list(o.arms));
  if (o.seeds) flags.push_back("study.seeds=" + std::to_string(o.seeds));
  if (o.folds) flags.push_back("study.folds=" + std::to_string(o.folds));
  o.recipe.assignments.insert(o.recipe.assignments.begin(), flags.begin(), flags.end());
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  return on_device(o.recipe.device, [&] {
    const std::string report =
        study::run_study({o.data, recipe, o.out, o.inputs, o.recipe.quick, changes, o.plan,
                          static_cast<int>(o.gans_at_once)});
    if (!report.empty()) fmt::print("{}\n", report);
    return 0;
  });
}

}  // namespace

void add_study(CommandLine& program) {
  CommandLine& verb = program.verb(
      "study", "Does GAN augmentation help on this data? GANs, fakes, classifiers, verdict, report",
      "ganymede study --data ~/head-ct-hemorrhage --recipe headct-dcgan32 --quick --out "
      "runs/first");
  auto o = std::make_shared<Options>();
  declare_data(verb, o->data);
  verb.option("--out", o->out, "the run's folder; the same command goes on where it stopped");
  o->recipe.declare(verb);
  const RecipeKey& arms = recipe_keys()[recipe_key_index("study.arms")];
  verb.option("--arms", o->arms, quality::join(arms.allowed.words, ","));
  verb.option("--seeds", o->seeds,
              "repetitions: a new GAN and new classifiers each (0: as the recipe)");
  verb.option("--folds", o->folds, "test every image once, in this many folds (0: as the recipe)");
  verb.option("--inputs", o->inputs,
              "with data.split=detection: a folder of unlabelled images to augment from as well");
  verb.option("--gans-at-once", o->gans_at_once,
              "GANs that train side by side (0: on a GPU as many as fit, at most 4; else one)");
  verb.flag("--plan", o->plan, "print what would be done, and what it takes, and stop");
  verb.action([o] { return run(*o); });
}

}  // namespace ganymede
