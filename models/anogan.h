#pragma once
// The DCGAN that AnoGAN searches (Schlegl et al. 2017, after Radford et al. 2016), for grey images
// of 64x64, and the encoder that searches for it.

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// A dense layer to 4 x 4 x 8 width, then 5x5 transposed convolutions of stride 2, each with half
/// the maps, to the image: 5,123,520 parameters at width 64 and 64x64 (no bias anywhere, batch norm
/// behind every layer but the last).
std::unique_ptr<Sequential> anogan_generator(const GanNetworkOptions& options, const Rng& rng);

/// Mirrored: 5x5 convolutions of stride 2 from `width` maps on, batch norm but behind the first, a
/// dense layer to one logit: 4,312,384 parameters.
std::unique_ptr<Sequential> anogan_discriminator(const GanNetworkOptions& options, const Rng& rng);

/// Image -> z (N x latent): the discriminator's convolutions and a dense layer with a bias instead
/// of its logit (f-AnoGAN, Schlegl et al. 2019), behind it tanh where `bounded`. Layer norm behind
/// the convolutions whatever options.norm is: an image's z never depends on the batch it came in,
/// and training sees the function that answers later.
std::unique_ptr<Sequential> anogan_encoder(const GanNetworkOptions& options, bool bounded,
                                           const Rng& rng);

}  // namespace ganymede
