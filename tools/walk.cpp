#include <ganymede/tools/walk.h>

#include <algorithm>

#include <fmt/format.h>

#include <ganymede/data/png_animation.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/latent_walk.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede {
namespace {

constexpr int milliseconds = 80;  // of a frame
constexpr int least_frame = 256, least_strip = 480;
constexpr int most_images = 5000;

/// The same weights for every image; empty for a generator without classes.
Tensor same_weights(const SavedGenerator& generator, std::int64_t n, int of_class) {
  const auto classes = std::int64_t(generator.classes().size());
  if (classes == 0) return {};
  std::vector<float> weights(std::size_t(n * classes));
  for (std::int64_t i = 0; i < n; ++i) weights[std::size_t(i * classes + of_class)] = 1.0f;
  return Tensor::from(weights, {n, classes});
}

/// One z for every image.
Tensor same_latent(const SavedGenerator& generator, std::int64_t n, std::uint64_t seed) {
  const std::vector<float> z = generator.draw(1, seed).host();
  std::vector<float> rows;
  for (std::int64_t i = 0; i < n; ++i) rows.insert(rows.end(), z.begin(), z.end());
  return Tensor::from(rows, {n, std::int64_t(z.size())});
}

void write_walk(const std::vector<Image>& images, int frames, const std::string& name,
                const std::string& folder, std::vector<std::string>& written) {
  std::vector<Image> large;
  for (const Image& image : images) large.push_back(study::enlarged(image, least_frame));
  written.insert(written.end(), {name + ".png", name + "-strip.png"});
  write_png_animation(folder + "/" + name + ".png", large, milliseconds);
  write_png(folder + "/" + name + "-strip.png",
            study::enlarged(image_grid(images, frames), least_strip));
}

}  // namespace

void require_valid(const WalkOptions& o, const SavedGenerator& generator) {
  const auto classes = generator.classes().size();
  if (o.stops == 0 && !o.classes)
    throw SettingError("sample: --frames belongs to --walk or --walk-classes");
  if (o.stops != 0 && o.stops < 2)
    throw SettingError("sample: --walk wants at least 2 random points to walk between");
  if (o.frames < 1) throw SettingError("sample: --frames must be at least 1");
  if (o.classes && classes < 2)
    throw SettingError("sample: --walk-classes: this generator knows no classes; use --walk");
  const auto stops = std::max(std::int64_t(o.stops), o.classes ? std::int64_t(classes) : 0);
  if (stops * o.frames > most_images)
    throw SettingError(
        fmt::format("sample: a walk of {} images is longer than {}; take fewer "
                    "--frames",
                    stops * o.frames, most_images));
}

std::vector<std::string> write_walks(SavedGenerator& generator, const WalkOptions& o,
                                     const Tensor& sources, const std::string& folder) {
  std::vector<std::string> written;
  const Tensor source = sources ? sources.slice(0, 1) : Tensor();
  if (o.stops > 0) {
    const Tensor z =
        latent_loop(generator.draw(o.stops, o.seed), o.frames, generator.options().uniform_latent);
    const Tensor weights = same_weights(generator, z.shape()[0], o.of_class);
    write_walk(study::to_images(generator.generate(z, weights, source), o.bits), o.frames, "walk",
               folder, written);
  }
  if (o.classes) {
    const Tensor weights = class_loop(int(generator.classes().size()), o.frames);
    const Tensor z = same_latent(generator, weights.shape()[0], o.seed);
    write_walk(study::to_images(generator.generate(z, weights, source), o.bits), o.frames,
               "classes", folder, written);
  }
  return written;
}

}  // namespace ganymede
