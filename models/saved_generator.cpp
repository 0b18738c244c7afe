#include <ganymede/models/saved_generator.h>

#include <utility>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_notes.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/gan_watch.h>

namespace ganymede {
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

Tensor SavedGenerator::draw(std::int64_t n, std::uint64_t seed) const {
  Rng rng(seed, "sample/draw");
  return draw_latent(options_, n, rng);
}

Tensor SavedGenerator::generate(const Tensor& z, const Tensor& weights, const Tensor& sources) {
  return ganymede::generate(*network_, options_, z, weights, sources);
}

SavedGenerator load_generator(const std::string& path) {
  const CheckpointReader reader(path);
  const std::string name = generator_in(reader);
  const std::string wanted =
      "generator of a GAN trained here; give a run's gan/<class>/.../checkpoint.h5 or generator.h5";
  SavedNotes notes = read_notes(reader, path, wanted);
  if (!reader.has_network(name)) throw FormatError("'" + path + "' holds no " + wanted);
  auto network = make_generator(notes.options.network, Rng(0, "loaded"));
  reader.load_network(name, *network);
  return {std::move(network), notes.options, notes.recipe, std::move(notes.classes)};
}

}  // namespace ganymede
