#pragma once

#include <memory>

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// Paper 000's DCGAN for images whose side is a multiple of 8. At the defaults the generator has
/// 4,870,785 trainable parameters, the discriminator 791,169. Inputs as make_generator and
/// make_discriminator say.
std::unique_ptr<Sequential> dcgan_generator(const GanNetworkOptions& options, const Rng& rng);
/// The sigmoid of the paper is part of the objective.
std::unique_ptr<Sequential> dcgan_discriminator(const GanNetworkOptions& options, const Rng& rng);

}  // namespace ganymede
