#include <ganymede/models/search_space.h>

#include <ganymede/kernels/error.h>

namespace ganymede {

SearchSpace anogan_space(Sequential& generator, Sequential& discriminator, std::int64_t latent,
                         std::size_t feature_layers) {
  return {.latent = latent,
          .generate = [&generator](const Tensor&,
                                   const Var& z) { return generator.forward(z, Mode::inference); },
          .features =
              [&discriminator, feature_layers](const Var& images) {
                Var x = images;
                for (std::size_t i = 0; i < feature_layers; ++i)
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
