#include <ganymede/tools/verbs/sample.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string checkpoint, out, of_class, images, device = "auto";
  std::int64_t count = 64, seed = 0, bits = 8;
};

/// The number of the class asked for; 0 for a generator that knows none.
int class_number(const SavedGenerator& generator, const std::string& asked) {
  const std::vector<std::string>& names = generator.classes();
  if (names.empty() && !asked.empty())
    throw SettingError("sample: --class " + asked + ": this generator makes one kind of image");
  const auto found = std::ranges::find(names, asked);
  if (!names.empty() && found == names.end())
    throw SettingError(fmt::format("sample: --class {}: this generator makes {}; name one of them",
                                   asked.empty() ? "is missing" : "'" + asked + "'",
                                   quality::join(names, ", ")));
  return static_cast<int>(found - names.begin());
}

/// What a generator of variations is to vary, at its size; nothing for others.
Tensor sources_of(const SavedGenerator& generator, const std::string& path) {
  if (makes_variations(generator.options().network) == path.empty())
    throw SettingError(path.empty() ? "sample: this generator makes variations of images; name the "
                                      "folder with --images"
                                    : "sample: --images: this generator makes images of noise "
                                      "alone; leave it out");
  if (path.empty()) return {};
  const study::Prepared data = study::prepare_images({path, "", ""}, generator.recipe());
  std::vector<int> all(data.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return gather_images(study::resident(data, all).images, {});
}

int run(const Options& o) {
  if (o.count < 1) throw SettingError("sample: --count must be at least 1");
  if (o.bits != 8 && o.bits != 16) throw SettingError("sample: --bits is 8 or 16");
  // Samples of two seeds in one folder could not be told apart.
  require_new_folder("sample", o.out);
  return on_device(o.device, [&] {
    SavedGenerator generator = load_generator(o.checkpoint);
    const int of_class = class_number(generator, o.of_class);
    const Tensor sources = sources_of(generator, o.images);
    make_folder(o.out);
    const std::vector<Image> images = study::to_images(
        generator.sample(o.count, std::uint64_t(o.seed), of_class, sources), int(o.bits));
    for (std::size_t i = 0; i < images.size(); ++i)
      write_png(fmt::format("{}/{:05}.png", o.out, i), images[i]);
    const std::string grid = fs::path(o.out + "/.").parent_path().string() + "-grid.png";
    const std::size_t shown = std::min<std::size_t>(images.size(), 256);
    const int columns = int(std::ceil(std::sqrt(double(shown))));
    write_png(grid, image_grid({images.begin(), images.begin() + std::ptrdiff_t(shown)}, columns));
    fmt::print("{} images in {}, {}\n", images.size(), o.out, grid);
    return 0;
  });
}

}  // namespace

void add_sample(CommandLine& program) {
  CommandLine& verb =
      program.verb("sample", "Images and a grid from a trained generator",
                   "ganymede sample runs/gan/gan/hemorrhage/checkpoint.h5 --count 500 --out fakes");
  auto o = std::make_shared<Options>();
  verb.argument("CHECKPOINT", o->checkpoint, "a GAN's checkpoint.h5 or generator.h5");
  verb.required("--out", o->out, "folder for the PNG files");
  verb.option("--count", o->count, "how many");
  verb.option("--class", o->of_class, "what a conditional generator is to make");
  verb.option("--images", o->images, "what a generator of variations is to vary, in turn");
  verb.option("--seed", o->seed, "the same seed gives the same images");
  verb.option("--bits", o->bits, "8 or 16 bits a value");
  verb.option("--device", o->device, "auto, cpu, cuda or cuda:1");
  verb.action([o] { return run(*o); });
}

}  // namespace ganymede
