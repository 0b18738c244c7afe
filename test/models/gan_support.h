#pragma once
// What the GAN tests share: the smallest networks, sets of small pictures.

#include <cstdint>
#include <vector>

#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/gan_training.h>

namespace ganymede::test {

constexpr int side = 16;  ///< pixels; the smallest at which paper 001's critic has a normalisation

/// Paper 001's GAN, clipped.
inline GanOptions tiny_wgan(int channels = 1) {
  GanOptions o;
  o.network = {.model = GanModel::wgan64,
               .size = side,
               .channels = channels,
               .latent = 3,
               .width = 2,
               .slope = 0.2f,
               .bn_epsilon = 1e-5f,
               .normal_init = true};
  o.batch = 4;
  o.loss = GanLoss::wasserstein;
  o.optimizer = GanOptimizer::rmsprop;
  o.learning_rate = 1e-3f;
  o.uniform_latent = true;
  o.clip = 0.01f;
  return o;
}

/// With the gradient penalty instead of the bound.
inline GanOptions tiny_wgan_gp(int channels = 1) {
  GanOptions o = tiny_wgan(channels);
  o.network.norm = DiscriminatorNorm::layer;
  o.optimizer = GanOptimizer::adam;
  o.adam = {.beta1 = 0.0f, .beta2 = 0.9f, .epsilon = 1e-8f};
  o.clip = 0.0f;
  o.penalty = 10.0f;
  return o;
}

/// Paper 000's.
inline GanOptions tiny_dcgan() {
  GanOptions o;
  o.network.size = side;
  o.network.latent = 3;
  o.network.width = 2;
  o.batch = 4;
  return o;
}

/// `count` pictures in [-1, 1], each a plane a x + b y with a and b uniform: a set of two
/// dimensions.
inline std::vector<float> slopes(int count, int channels, std::uint64_t seed) {
  HostRng random(seed, "slopes");
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    const double a = random.uniform(-0.5, 0.5), b = random.uniform(-0.5, 0.5);
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x)
        for (int c = 0; c < channels; ++c)
          pixels.push_back(float((a * (2 * x + 1 - side) + b * (2 * y + 1 - side)) / side));
  }
  return pixels;
}

/// Pictures as a training holds them; of class i % classes, where classes > 0.
inline ResidentSet resident(const std::vector<float>& pixels, int channels, int classes = 0) {
  std::vector<std::uint8_t> bytes;
  for (float v : pixels) bytes.push_back(std::uint8_t((v + 1.0f) * 127.5f + 0.5f));
  const auto n = std::int64_t(pixels.size()) / (side * side * channels);
  ResidentSet set{Tensor::from(bytes, {n, side, side, channels}), {}};
  for (int i = 0; classes > 0 && i < n; ++i) set.labels.push_back(i % classes);
  return set;
}

/// Trainable parameters.
inline std::int64_t generator_count(const GanNetworkOptions& options) {
  return count_parameters(*make_generator(options, Rng(0, "counts"))).trainable;
}
inline std::int64_t discriminator_count(const GanNetworkOptions& options) {
  return count_parameters(*make_discriminator(options, Rng(0, "counts"))).trainable;
}

}  // namespace ganymede::test
