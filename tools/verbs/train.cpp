#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/train.h>

#include <algorithm>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/training_data.h>

namespace ganymede {
namespace {

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out, of_class;
};

int run(const Options& o) {
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  study::require_outside(o.out, o.data.path);
  return on_device(o.recipe.device, [&] {
    const study::TrainingData data = study::prepare_training(o.data, recipe, o.of_class);
    const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
    RunFolder folder = RunFolder::open(o.out, recipe,
                                       {{"data", data.digest},
                                        {"class", o.of_class},
                                        {"quick", o.recipe.quick ? "true" : "false"}});
    fmt::print(stderr, "{} images{} at {}x{}x{}\n", data.images.shape()[0],
               o.of_class.empty() ? "" : " of class " + o.of_class, data.images.shape()[1],
               data.images.shape()[2], data.images.shape()[3]);
    const GanOptions options = gan_options(recipe, static_cast<int>(data.images.shape()[3]));
    const std::string name = o.of_class.empty() ? "all" : study::folder_name(o.of_class);
    GanTraining training(options, gan_schedule(recipe), {data.images, {}}, seed,
                         "gan/" + name + "/fold0");
    const study::GanFiles files =
        study::run_training(training, recipe, folder, name, "gan " + name);
    fmt::print("{}\n{}\n", files.checkpoint, files.samples);
    return 0;
  });
}

}  // namespace

void add_train(CommandLine& program) {
  CommandLine& verb = program.verb(
      "train", "Train a GAN alone: checkpoint, weights for Keras, a growing grid of samples",
      "ganymede train --data ~/head-ct-hemorrhage --class hemorrhage --recipe headct-dcgan32 --out "
      "runs/gan");
  auto o = std::make_shared<Options>();
  declare_data(verb, o->data);
  verb.required("--out", o->out, "the run's folder; the same command goes on where it stopped");
  verb.option("--class", o->of_class,
              "train on the training part of this class alone; empty: on all images");
  o->recipe.declare(verb);
  verb.action([o] {
    if (o->recipe.recipe.empty())
      throw SettingError("train: --recipe is needed; ganymede recipe list");
    return run(*o);
  });
}

}  // namespace ganymede
