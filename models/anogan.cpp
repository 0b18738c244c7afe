#include <ganymede/models/anogan.h>

#include <ganymede/models/layer_chain.h>

namespace ganymede {
namespace {

/// The discriminator's layers from the image to a row of features; gives their number.
std::int64_t add_trunk(LayerChain& b, const GanNetworkOptions& o) {
  const int levels = doublings(o.size, "anogan");
  int maps = o.width;
  b.conv(o.channels + o.classes, maps, 5, 2, false, leaky(o.slope));
  for (int level = 1; level < levels; ++level, maps *= 2) b.judge(maps, 2 * maps, 5, 2, false);
  b.flatten();
  return std::int64_t{smallest_maps} * smallest_maps * maps;
}

}  // namespace

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
  LayerChain b(o, rng);
  b.dense(add_trunk(b, o), 1, {}, false);
  return b.finish();
}

std::unique_ptr<Sequential> anogan_encoder(const GanNetworkOptions& options, bool bounded,
                                           const Rng& rng) {
  GanNetworkOptions o = options;
  o.norm = DiscriminatorNorm::layer;
  LayerChain b(o, rng);
  b.dense(add_trunk(b, o), o.latent, bounded ? tanh_activation : no_activation);
  return b.finish();
}

}  // namespace ganymede
