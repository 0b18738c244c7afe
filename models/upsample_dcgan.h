#pragma once
// Paper 003's DCGAN, whose generator doubles the nearest neighbour and convolves. The paper names
// "four conv layers with 2D-upsampling, LeakyReLU interlaced" and a discriminator of four
// convolutions of stride 2; its widths are not in the text: a documented default.

#include <memory>

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// Dense to size/16 x columns/16 maps, 8 width of them; four times nearest-neighbour doubling and a
/// 3x3 convolution (8, 4, 2 width and `channels` filters), batch norm and leaky ReLU behind the
/// first three, tanh behind the last. Every convolution has a bias, before a batch norm too, as
/// Keras's do. 2,615,169 trainable parameters at 128 x 128 x 1, latent 100 and width 32. Throws
/// SettingError for a side that is no multiple of 16.
std::unique_ptr<Sequential> upsample_dcgan_generator(const GanNetworkOptions& options,
                                                     const Rng& rng);

/// Four 3x3 convolutions of stride 2 with width to 8 width filters, behind each the norm of the
/// options (not behind the first), leaky ReLU and dropout; a dense layer to one logit. 404,225
/// parameters without norm, otherwise as above. Throws as the generator.
std::unique_ptr<Sequential> upsample_dcgan_discriminator(const GanNetworkOptions& options,
                                                         const Rng& rng);

}  // namespace ganymede
