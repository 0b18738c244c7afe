#pragma once

#include <ganymede/models/latent_search.h>

namespace ganymede {

/// Where AnoGAN searches: the generator and the first `feature_layers` layers of the discriminator,
/// both in inference mode. Both must outlive it.
SearchSpace anogan_space(Sequential& generator, Sequential& discriminator, std::int64_t latent,
                         std::size_t feature_layers);

/// Number of layers up to and with `layer`; "" stands for the last one that still gives feature
/// maps (the discriminator's last block, as in the implementations of Schlegl et al. 2017 that are
/// in use). Throws SettingError, naming the layers, where there is none of that name.
std::size_t feature_layers(Sequential& discriminator, const std::string& layer, const Shape& input);

}  // namespace ganymede
