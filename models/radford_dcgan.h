#pragma once
// The DCGAN of Radford et al. 2016 for images of 4 x 2^k pixels a side, without biases: paper 004's
// with kernels of 4x4 (as in PyTorch's tutorial, with one level more), AnoGAN's with 5x5.

#include <memory>

#include <ganymede/models/gan_network.h>

namespace ganymede {

class LayerChain;

/// z to 4 x 4 maps (a dense layer: the transposed convolution of one pixel), then k transposed
/// convolutions of stride 2 that halve the maps, generator_width of them before the image; batch
/// norm and ReLU behind all but the last, tanh there. At 128 pixels, 1 channel, latent 100 and 4x4
/// kernels 47,851,264 parameters with generator_width 128, 12,784,512 with 64. Throws SettingError,
/// naming the model by `name`, for other sides.
std::unique_ptr<Sequential> radford_generator(const GanNetworkOptions& options, int kernel,
                                              const std::string& name, const Rng& rng);

/// k convolutions of stride 2 that double the maps from `width`, the norm of the options (none
/// behind the first) and leaky ReLU behind each; a dense layer to one number (the last convolution,
/// whose output is one pixel). At the same settings 2,795,904 parameters with width 32, 701,632
/// with 16. Throws as the generator.
std::unique_ptr<Sequential> radford_discriminator(const GanNetworkOptions& options, int kernel,
                                                  const std::string& name, const Rng& rng);

/// Its layers up to a row of features; gives their number. For the models' own files.
std::int64_t add_radford_trunk(LayerChain& chain, const GanNetworkOptions& options, int kernel,
                               const std::string& name);

}  // namespace ganymede
