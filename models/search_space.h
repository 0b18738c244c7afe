#pragma once

#include <ganymede/models/gan.h>
#include <ganymede/models/latent_search.h>

namespace ganymede {

/// Where to search in a GAN without classes: its generator, and its discriminator up to and with
/// `layer` (see feature_layers), both in inference mode. A generator of variations encodes the
/// query itself, which stays fixed while z is searched (paper 002, section 3.3). The GAN must
/// outlive it. Throws SettingError for a conditional GAN, or where there is no such layer.
SearchSpace search_space(Gan& gan, const std::string& layer);

/// Number of layers up to and with `layer`; "" stands for the last one that still gives feature
/// maps (the discriminator's last block, as in the implementations of Schlegl et al. 2017 that are
/// in use). Throws SettingError, naming the layers, where there is none of that name.
std::size_t feature_layers(Sequential& discriminator, const std::string& layer, const Shape& input);

}  // namespace ganymede
