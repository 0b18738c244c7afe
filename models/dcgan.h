#pragma once

#include <memory>

#include <ganymede/engine/layers.h>

namespace ganymede {

/// What both networks of paper 000's DCGAN take. Defaults are the paper's, completed from its
/// authors' public notebook; at them the generator has 4,870,785 trainable parameters, the
/// discriminator 791,169.
struct DcganOptions {
  int size = 32;             ///< pixels a side, a multiple of 8
  int channels = 1;          ///< of the image
  int latent = 100;          ///< length of z
  int width = 128;           ///< feature maps of every hidden layer
  float slope = 0.01f;       ///< of the leaky ReLU
  float dropout = 0.4f;      ///< before the discriminator's last layer
  float bn_momentum = 0.9f;  ///< share of the old moving statistics that is kept
  float bn_epsilon = 1e-3f;
  bool unbiased_variance = false;  ///< of the moving variance
  bool dense_relu = false;  ///< a ReLU between the generator's dense layer and its batch norm
  bool layer_norm =
      false;  ///< in the discriminator, instead of batch norm (a gradient penalty wants it)
};

/// z (N x latent) -> image (N x size x size x channels) in [-1, 1].
std::unique_ptr<Sequential> dcgan_generator(const DcganOptions& options, const Rng& rng);

/// Image -> logit (N x 1); the sigmoid of the paper is part of the objective.
std::unique_ptr<Sequential> dcgan_discriminator(const DcganOptions& options, const Rng& rng);

}  // namespace ganymede
