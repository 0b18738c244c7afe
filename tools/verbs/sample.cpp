#include <ganymede/tools/verbs/sample.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/saved_generator.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/prepared.h>
#include <ganymede/tools/walk.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string checkpoint, out, of_class, images;
  DeviceOptions device;
  std::int64_t count = 64, seed = 0, bits = 8, walk = 0, frames = 0;
  bool walk_classes = false;

  bool walks() const { return walk != 0 || walk_classes || frames != 0; }
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
std::vector<Image> sources_of(const SavedGenerator& generator, const std::string& path) {
  if (makes_variations(generator.options().network) == path.empty())
    throw SettingError(path.empty() ? "sample: this generator makes variations of images; name the "
                                      "folder with --images"
                                    : "sample: --images: this generator makes images of noise "
                                      "alone; leave it out");
  if (path.empty()) return {};
  const study::Prepared data = study::prepare_images(
      {.path = path, .groups = "", .split = "", .unused = Unused::ignore}, generator.recipe());
  std::vector<int> all(data.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return data.images_of(all);
}

/// Images in [-1, 1]; none where there are none.
Tensor batch_of(const std::vector<Image>& images) {
  if (images.empty()) return {};
  std::vector<float> values;
  for (const Image& image : images)
    for (const float v : to_float(image, -1, 1)) values.push_back(v);
  const Image& first = images.front();
  return Tensor::from(
      values, {std::int64_t(images.size()), first.height(), first.width(), first.channels()});
}

/// What is written beside the folder of --out.
struct Beside {
  std::string grid, pairs;

  explicit Beside(const std::string& out) {
    const std::string name = fs::path(out + "/.").parent_path().string();
    grid = name + "-grid.png";
    pairs = name + "-pairs.png";
  }
};

/// An earlier run's pictures stay as they are, though its folder may be gone.
void require_none_there(const Beside& beside) {
  for (const std::string& picture : {beside.grid, beside.pairs})
    if (fs::exists(picture))
      throw SettingError(
          fmt::format("sample: {} is there already; take another --out, or move it away", picture));
}

/// How like its source each variation is, and a picture of some, each under its source.
void tell_variations(const std::string& picture, const std::vector<Image>& sources,
                     const std::vector<Image>& images) {
  std::vector<Image> inputs;  // each in turn
  for (std::size_t i = 0; i < images.size(); ++i)
    inputs.push_back(to_bits(sources[i % sources.size()], images[i].bits()));
  if (const auto similarity = study::mean_ssim(inputs, images))
    fmt::print("mean SSIM to the images that were varied: {:.3f}\n", *similarity);
  const auto shown = std::ptrdiff_t(std::min<std::size_t>(images.size(), 32));
  constexpr int columns = 8, least_width = 480;
  write_png(picture,
            study::enlarged(report::paired_grid({inputs.begin(), inputs.begin() + shown},
                                                {images.begin(), images.begin() + shown}, columns),
                            least_width));
  fmt::print("{}: sources, and under each what was made of it\n", picture);
}

/// Numbers that no walk takes stay out of range.
int narrow(std::int64_t value) { return value < 0 || value > 100000 ? -1 : int(value); }

int walk(const Options& o, SavedGenerator& generator) {
  // Between classes no one class is asked for.
  const bool any_class = o.walk == 0 && o.of_class.empty();
  const WalkOptions walk{.stops = narrow(o.walk),
                         .classes = o.walk_classes,
                         .frames = o.frames == 0 ? WalkOptions{}.frames : narrow(o.frames),
                         .of_class = any_class ? 0 : class_number(generator, o.of_class),
                         .bits = int(o.bits),
                         .seed = std::uint64_t(o.seed)};
  require_valid(walk, generator);
  const Tensor sources = batch_of(sources_of(generator, o.images));
  make_folder(o.out);
  for (const std::string& name : write_walks(generator, walk, sources, o.out))
    fmt::print("{}/{}\n", o.out, name);
  return 0;
}

int run(const Options& o) {
  if (o.count < 1) throw SettingError("sample: --count must be at least 1");
  if (o.bits != 8 && o.bits != 16) throw SettingError("sample: --bits is 8 or 16");
  // Samples of two seeds in one folder could not be told apart.
  require_new_folder("sample", o.out);
  const Beside beside(o.out);
  if (!o.walks()) require_none_there(beside);
  return on_device(o.device, [&] {
    SavedGenerator generator = load_generator(o.checkpoint);
    if (o.walks()) return walk(o, generator);
    const int of_class = class_number(generator, o.of_class);
    const std::vector<Image> sources = sources_of(generator, o.images);
    make_folder(o.out);
    const std::vector<Image> images = study::to_images(
        generator.sample(o.count, std::uint64_t(o.seed), of_class, batch_of(sources)), int(o.bits));
    for (std::size_t i = 0; i < images.size(); ++i)
      write_png(fmt::format("{}/{:05}.png", o.out, i), images[i]);
    const std::size_t shown = std::min<std::size_t>(images.size(), 256);
    const int columns = int(std::ceil(std::sqrt(double(shown))));
    write_png(beside.grid,
              image_grid({images.begin(), images.begin() + std::ptrdiff_t(shown)}, columns));
    fmt::print("{} in {}, {}\n", counted(std::ssize(images), "image"), o.out, beside.grid);
    if (!sources.empty()) tell_variations(beside.pairs, sources, images);
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
  verb.option("--walk", o->walk,
              "instead: a closed walk through so many random points, animated and as a strip");
  verb.flag("--walk-classes", o->walk_classes,
            "instead: from class to class of a conditional generator, animated and as a strip");
  verb.option("--frames", o->frames, "of a walk, from one point or class to the next (0: 12)");
  o->device.declare(verb);
  verb.action([o] { return run(*o); });
}

}  // namespace ganymede
