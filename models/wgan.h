#pragma once

#include <memory>

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// Paper 001's Wasserstein GAN (Cheng and Ye) for images of 4 x 2^k pixels a side: a dense layer to
/// 4 x 4, then k transposed convolutions of 5x5 and stride 2 that halve the feature maps. At 64
/// pixels, 3 channels and width 64 it has 18,871,427 trainable parameters. A layer before a batch
/// norm has no bias, but for the dense one.
std::unique_ptr<Sequential> wgan_generator(const GanNetworkOptions& options, const Rng& rng);

/// Its critic: k convolutions of 5x5 and stride 2 that double the feature maps from `width`, and a
/// dense layer without sigmoid. 4,315,649 trainable parameters at the same settings with batch norm
/// (none behind the first convolution), 4,314,753 without normalisation.
std::unique_ptr<Sequential> wgan_critic(const GanNetworkOptions& options, const Rng& rng);

}  // namespace ganymede
