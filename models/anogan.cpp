#include <ganymede/models/anogan.h>

#include <ganymede/models/layer_chain.h>

namespace ganymede {

std::unique_ptr<Sequential> anogan_generator(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size, "anogan");
  LayerChain b(o, rng);
  int maps = o.width << (levels - 1);
  b.dense(o.latent + o.classes, std::int64_t{smallest_maps} * smallest_maps * maps, {}, false);
  b.reshape({smallest_maps, smallest_maps, maps});
  b.batch_norm(maps, relu_activation);
  for (int level = 1; level < levels; ++level, maps /= 2) {
    b.conv_transpose(maps, maps / 2, 5, 2, false);
    b.batch_norm(maps / 2, relu_activation);
  }
  b.conv_transpose(maps, o.channels, 5, 2, false, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> anogan_discriminator(const GanNetworkOptions& o, const Rng& rng) {
  const int levels = doublings(o.size, "anogan");
  const bool plain = o.norm == DiscriminatorNorm::none;
  LayerChain b(o, rng);
  int maps = o.width;
  b.conv(o.channels + o.classes, maps, 5, 2, false, leaky(o.slope));
  for (int level = 1; level < levels; ++level, maps *= 2) {
    b.conv(maps, 2 * maps, 5, 2, false, plain ? leaky(o.slope) : no_activation);
    if (o.norm == DiscriminatorNorm::batch) b.batch_norm(2 * maps, leaky(o.slope));
    if (o.norm == DiscriminatorNorm::layer) b.layer_norm(2 * maps, leaky(o.slope));
  }
  b.flatten();
  b.dense(std::int64_t{smallest_maps} * smallest_maps * maps, 1, {}, false);
  return b.finish();
}

}  // namespace ganymede
