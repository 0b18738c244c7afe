#include <ganymede/models/saved_generator.h>

#include <sstream>
#include <utility>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/settings.h>

namespace ganymede {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream lines(text);
  std::vector<std::string> result;
  for (std::string line; std::getline(lines, line);) result.push_back(line);
  return result;
}

}  // namespace

SavedGenerator::SavedGenerator(std::unique_ptr<Sequential> network, const GanOptions& options,
                               const Recipe& recipe, std::vector<std::string> classes)
    : network_(std::move(network)),
      options_(options),
      recipe_(recipe),
      classes_(std::move(classes)) {}

Tensor SavedGenerator::sample(std::int64_t n, std::uint64_t seed, int of_class,
                              const Tensor& sources) {
  Rng rng(seed, "sample");
  return sample_generator(*network_, options_, n, rng, of_class, sources);
}

SavedGenerator load_generator(const std::string& path) {
  const CheckpointReader reader(path);
  const std::string name = reader.has_network("average") ? "average" : "generator";
  if (reader.foreign() || !reader.has_network(name) || !reader.has_text("recipe") ||
      !reader.has_counter("channels"))
    throw FormatError("'" + path + "' holds no generator of a GAN trained here; give a run's " +
                      "gan/<class>/.../checkpoint.h5 or generator.h5");
  const Recipe recipe = Recipe::parse(reader.text("recipe"), "the recipe in '" + path + "'");
  const int classes =
      reader.has_counter("classes") ? static_cast<int>(reader.counter("classes")) : 0;
  const auto channels = static_cast<int>(reader.counter("channels"));
  const bool detector = reader.has_counter("detector") && reader.counter("detector") != 0;
  const GanOptions options =
      detector ? detector_options(recipe, channels) : gan_options(recipe, channels, classes);
  auto network = make_generator(options.network, Rng(0, "loaded"));
  reader.load_network(name, *network);
  std::vector<std::string> names;
  if (reader.has_text("class_names")) names = lines_of(reader.text("class_names"));
  return {std::move(network), options, recipe, std::move(names)};
}

}  // namespace ganymede
