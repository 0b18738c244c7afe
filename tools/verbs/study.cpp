#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/study.h>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/recipe_keys.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/study/study.h>

namespace ganymede {
namespace {

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out;
  std::string arms, inputs;
  std::int64_t seeds = 0, folds = 0;
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

/// Of a known set the recipe whose paper used it; elsewhere the one that asks nothing of the data.
std::string fitting_recipe(const std::string& layout) {
  if (layout == "chest-xray-pneumonia") return "cxr-dcgan128";
  return layout == "messidor-2" ? "retina-wgan64" : "headct-dcgan32";
}

/// Which recipe fits the data, and the full command: the answer to a study without --recipe.
[[noreturn]] void name_a_recipe(const Options& o) {
  const Dataset dataset = open_dataset(o.data.path);
  throw SettingError(fmt::format(
      "study: give a recipe. For '{0}' ({1}, {2} images) {3} fits:\n  ganymede "
      "study --data '{4}' --recipe {3} --out {5}",
      dataset.root, dataset.layout, dataset.samples.size(), fitting_recipe(dataset.layout),
      o.data.path, o.out.empty() ? "runs/first" : o.out));
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
  return on_device(o.recipe, [&] {
    const std::string report =
        study::run_study({o.data, recipe, o.out, o.inputs, o.recipe.quick, changes, o.plan});
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
  verb.flag("--plan", o->plan, "print what would be done, and what it takes, and stop");
  verb.action([o] { return run(*o); });
}

}  // namespace ganymede
