#include <ganymede/models/wgan.h>

#include <ganymede/models/layer_chain.h>

namespace ganymede {

std::unique_ptr<Sequential> wgan_generator(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size, "wgan");
  LayerChain b(o, rng);
  int maps = o.width << levels;
  b.dense(o.latent + o.classes, std::int64_t{smallest_maps} * smallest_maps * maps);
  b.reshape({smallest_maps, smallest_maps, maps});
  b.batch_norm(maps, relu_activation);
  for (int level = 1; level < levels; ++level, maps /= 2) {
    b.conv_transpose(maps, maps / 2, 5, 2, false);
    b.batch_norm(maps / 2, relu_activation);
  }
  b.conv_transpose(maps, o.channels, 5, 2, true, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> wgan_critic(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size, "wgan");
  const bool unnormalised = o.norm == DiscriminatorNorm::none;
  LayerChain b(o, rng);
  int maps = o.width;
  b.conv(o.channels + o.classes, maps, 5, 2, true, leaky(o.slope));
  for (int level = 1; level < levels; ++level, maps *= 2)
    b.judge(maps, 2 * maps, 5, 2, unnormalised);
  b.flatten();
  b.dense(std::int64_t{smallest_maps} * smallest_maps * maps, 1);
  return b.finish();
}

}  // namespace ganymede
