#include <ganymede/models/search_space.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/iagan.h>

namespace ganymede {

SearchSpace search_space(Gan& gan, const std::string& layer) {
  const GanNetworkOptions& o = gan.options().network;
  if (o.classes > 0)
    throw SettingError("latent search: a conditional GAN has no one space to search in");
  Sequential& generator = gan.generator();
  Sequential& discriminator = gan.discriminator();
  const bool varies = makes_variations(o);
  const std::size_t layers = feature_layers(discriminator, layer, discriminator_input(o, 1));
  return {.latent = o.latent,
          .generate =
              [&generator, varies](const Tensor& queries, const Var& z) {
                return generator.forward(varies ? image_with_noise(Var(queries), z) : z,
                                         Mode::inference);
              },
          .features =
              [&discriminator, layers](const Var& images) {
                Var x = images;
                for (std::size_t i = 0; i < layers; ++i)
                  x = discriminator.layer(i).forward(x, Mode::inference);
                return x;
              }};
}

std::size_t feature_layers(Sequential& discriminator, const std::string& layer,
                           const Shape& input) {
  std::string names;
  std::size_t last_maps = 0;
  Shape extents = input;
  for (std::size_t i = 0; i < discriminator.size(); ++i) {
    if (!layer.empty() && discriminator.name(i) == layer) return i + 1;
    names += (i ? ", " : "") + discriminator.name(i);
    extents = discriminator.layer(i).output_shape(extents);
    if (extents.rank() == 4) last_maps = i + 1;
  }
  if (layer.empty() && last_maps > 0) return last_maps;
  throw SettingError("the discriminator has no layer '" + layer +
                     "' to compare features of; it has " + names);
}

}  // namespace ganymede
