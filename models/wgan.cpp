#include <ganymede/models/wgan.h>

#include <bit>
#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/models/layer_chain.h>

namespace ganymede {
namespace {

constexpr int smallest = 4;  // side of the first feature maps

/// How often the side doubles from 4 pixels to the image.
int doublings(int size) {
  const auto ratio = static_cast<unsigned>(size / smallest);
  if (size < 2 * smallest || size % smallest || !std::has_single_bit(ratio))
    throw SettingError("wgan: size " + std::to_string(size) +
                       " is not 8, 16, 32, 64 or a further double");
  return std::bit_width(ratio) - 1;
}

}  // namespace

std::unique_ptr<Sequential> wgan_generator(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size);
  LayerChain b(o, rng);
  int maps = o.width << levels;
  b.dense(o.latent + o.classes, std::int64_t{smallest} * smallest * maps);
  b.reshape({smallest, smallest, maps});
  b.batch_norm(maps, relu_activation);
  for (int level = 1; level < levels; ++level, maps /= 2) {
    b.conv_transpose(maps, maps / 2, 5, 2, false);
    b.batch_norm(maps / 2, relu_activation);
  }
  b.conv_transpose(maps, o.channels, 5, 2, true, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> wgan_critic(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size);
  const bool plain = o.norm == DiscriminatorNorm::none;
  LayerChain b(o, rng);
  int maps = o.width;
  b.conv(o.channels + o.classes, maps, 5, 2, true, leaky(o.slope));
  for (int level = 1; level < levels; ++level, maps *= 2) {
    b.conv(maps, 2 * maps, 5, 2, plain, plain ? leaky(o.slope) : no_activation);
    if (o.norm == DiscriminatorNorm::batch) b.batch_norm(2 * maps, leaky(o.slope));
    if (o.norm == DiscriminatorNorm::layer) b.layer_norm(2 * maps, leaky(o.slope));
  }
  b.flatten();
  b.dense(std::int64_t{smallest} * smallest * maps, 1);
  return b.finish();
}

}  // namespace ganymede
