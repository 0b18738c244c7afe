#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/train.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/critic_report.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/memory_estimate.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/training_data.h>
#include <ganymede/tools/study/training_record.h>
#include <ganymede/tools/tell.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

struct Options {
  RecipeOptions recipe;
  study::DataSource data;
  std::string out, of_class;
};

/// A grid of 8 bits, enlarged for a page; what the report shows of it.
study::Json write_picture(const RunFolder& folder, const std::string& name, const Image& grid,
                          const std::string& caption) {
  const std::string path = "pictures/" + name + ".png";
  write_png(folder.file(path), study::enlarged(to_bits(grid, 8), 480));
  return {{"path", path}, {"caption", caption}};
}

/// Some of what the GAN learnt from, and what it makes.
study::Json write_pictures(const RunFolder& folder, const study::TrainingData& data,
                           const std::string& name, const std::string& samples) {
  const std::string rows =
      data.classes.empty() ? "" : ", two rows of each class: " + quality::join(data.classes, ", ");
  study::Json pictures = study::Json::array();
  pictures.push_back(write_picture(folder, name + "-real", image_grid(data.some, 8),
                                   "Real images it learnt from"));
  if (fs::exists(samples))  // of a run that went on; somebody may have taken the picture away
    pictures.push_back(
        write_picture(folder, name + "-samples", read_image(samples), "What it makes" + rows));
  return pictures;
}

/// run.json of a GAN alone, and the report made of it.
void write_record(const RunFolder& folder, const Recipe& recipe, const Options& o,
                  const std::vector<RecipeChange>& changes, const study::TrainingData& data,
                  const std::string& name, const std::string& samples, GanTraining& training) {
  study::Json record = study::training_record(training, study::logged_speed(folder, name));
  Rng rng(0, "diversity");
  const int classes = training.gan().options().network.classes;
  if (classes == 0)
    record["diversity"] =
        study::diversity_record(study::to_images(training.sample(64, rng), 8), data.some);
  record["conditional"] = classes > 0;
  record["pictures"] = write_pictures(folder, data, name, samples);
  if (study::Json watch = study::watch_record(training, recipe, data.held_out); !watch.is_null())
    record["watch"] = watch;
  const study::Json run{{"verb", "train"},
                        {"recipe", recipe.name()},
                        {"seed", recipe.integer("study.seed")},
                        {"data", {{"path", data.data}, {"images", data.set.images.shape()[0]}}},
                        {"gan", {{name, record}}},
                        {"quick", study::quick_record(o.recipe.quick, changes)},
                        {"settings", study::settings_record(recipe)},
                        {"versions", study::versions_record()}};
  write_file(folder.file("run.json"), text_of(run));
  report::write_report(folder.path());
}

/// What run.toml notes beside the recipe.
std::vector<RunSetting> run_settings(const Options& o, const study::TrainingData& data) {
  std::vector<RunSetting> settings{
      data.fingerprint, {"class", o.of_class}, {"quick", o.recipe.quick ? "true" : "false"}};
  // A folder without this word was begun when all parts were learned from: the training would go
  // on with fewer images than it was begun with.
  if (o.of_class.empty() && data.classes.empty() && data.split)
    settings.push_back({"learns_from", "the training part"});
  return settings;
}

/// "all", the class, or "conditional": its folder below gan/.
std::string name_of(const Options& o, const study::TrainingData& data) {
  if (!data.classes.empty()) return "conditional";
  return o.of_class.empty() ? "all" : study::folder_name(o.of_class);
}

int run(const Options& o) {
  std::vector<RecipeChange> changes;
  const Recipe recipe = resolve(o.recipe, changes);
  study::require_outside(o.out, o.data.path);
  return on_device(o.recipe.device, [&] {
    const study::TrainingData data = study::prepare_training(o.data, recipe, o.of_class);
    const Shape& extents = data.set.images.shape();
    const GanOptions options = gan_options(recipe, int(extents[3]), int(data.classes.size()));
    require_valid(options);
    study::require_memory(options);
    study::watch_rules(recipe);
    const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
    RunFolder folder = RunFolder::open(o.out, recipe, run_settings(o, data));
    const std::string memory = study::in_words(study::predicted_memory(options));
    tell(fmt::format("{}{} at {}x{}x{}, {}\n", counted(extents[0], "image"),
                     o.of_class.empty() ? "" : " of class " + o.of_class, extents[1], extents[2],
                     extents[3],
                     data.split ? "the training part" : "all of the set: it has no labels"));
    tell(fmt::format("memory: about {}, beside the images\n", memory));
    const std::string name = name_of(o, data);
    GanTraining training(options, gan_schedule(recipe), data.set, seed, "gan/" + name + "/fold0");
    study::start_watch(training, recipe, data.held_out, seed);
    study::GanRun gan(training, recipe, folder, name, "gan " + name,
                      {.recipe = recipe.toml(), .classes = data.classes});
    study::run_to_end(gan);
    const study::GanFiles& files = gan.files();
    write_record(folder, recipe, o, changes, data, name, files.samples, training);
    const std::string warning = training_warning(training.gan().options(), training.history());
    if (!warning.empty()) tell(fmt::format("note: {}\n", warning));
    fmt::print("{}\n{}\n{}\n", files.checkpoint, files.samples, folder.file("report.html"));
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
              "train on the training part of this class alone; empty: of all classes together "
              "(without labels: on all images)");
  o->recipe.declare(verb);
  verb.action([o] {
    if (o->recipe.recipe.empty())
      throw SettingError("train: --recipe is needed; ganymede recipe list");
    return run(*o);
  });
}

}  // namespace ganymede
