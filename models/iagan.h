#pragma once
// Paper 002's Inception-Augmentation GAN: its generator takes an image and noise, and gives a
// variation of the image. The paper's layer tables are in figures without numbers; what is not in
// its text is a documented default.

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// Image and z side by side in a row (N x (size^2 channels + latent)) -> image in [-1, 1]. An
/// encoder of three 4x4 convolutions of stride 2 with self-attention behind the second and third;
/// z, made dense, as `width` maps beside the code; three times inception-residual block and
/// nearest-neighbour doubling with a 3x3 convolution, a last block, a 3x3 convolution and tanh.
/// 2,724,915 parameters at 64 x 64 x 1, latent 125 and width 64. Throws SettingError for a side
/// that is no multiple of 8, or a width that is no multiple of 8; its forward ShapeError for rows
/// of another length.
std::unique_ptr<Sequential> iagan_generator(const GanNetworkOptions& options, const Rng& rng);

/// Four 4x4 convolutions of stride 2 with width to 8 width maps, batch norm but behind the first, a
/// dense layer to one logit: 2,763,585 parameters.
std::unique_ptr<Sequential> iagan_discriminator(const GanNetworkOptions& options, const Rng& rng);

/// A row for each image (N x H x W x C) and its z (N x latent). Throws ShapeError where they are
/// not as many.
Var image_with_noise(const Var& images, const Var& z);

}  // namespace ganymede
