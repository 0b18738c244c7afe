#include <ganymede/models/saved_gan.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_watch.h>

namespace ganymede {
namespace {

/// The file's weights are the average already; one of this Gan's own would be of fresh weights.
GanOptions without_average(GanOptions options) {
  options.ema = 0.0f;
  return options;
}

}  // namespace

SavedGan load_gan(const std::string& path) {
  const std::string wanted =
      "generator and discriminator of a GAN trained here; give a run's gan/.../checkpoint.h5";
  const CheckpointReader reader(path);
  SavedGan saved{nullptr, read_notes(reader, path, wanted)};
  const std::string generator = generator_in(reader);
  if (!reader.has_network(generator) || !reader.has_network("discriminator"))
    throw FormatError("'" + path + "' holds no " + wanted);
  saved.gan = std::make_unique<Gan>(without_average(saved.notes.options), 0, "loaded");
  reader.load_network(generator, saved.gan->generator());
  reader.load_network("discriminator", saved.gan->discriminator());
  return saved;
}

}  // namespace ganymede
