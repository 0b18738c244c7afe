#include <ganymede/models/radford_dcgan.h>

#include <ganymede/models/layer_chain.h>

namespace ganymede {
namespace {

constexpr std::int64_t smallest_pixels = std::int64_t{smallest_maps} * smallest_maps;

}  // namespace

std::unique_ptr<Sequential> radford_generator(const GanNetworkOptions& o, int kernel,
                                              const std::string& name, const Rng& rng) {
  const int levels = doublings(o.size, name);
  LayerChain b(o, rng);
  int maps = generator_width_of(o) << (levels - 1);
  b.dense(o.latent + classes_in_input(o), smallest_pixels * maps, {}, false);
  b.reshape({smallest_maps, smallest_maps, maps});
  b.generator_norm(maps, relu_activation);
  for (int level = 1; level < levels; ++level, maps /= 2) {
    b.conv_transpose(maps, maps / 2, kernel, 2, false);
    b.generator_norm(maps / 2, relu_activation);
  }
  b.conv_transpose(maps, o.channels, kernel, 2, false, tanh_activation);
  return b.finish();
}

std::int64_t add_radford_trunk(LayerChain& b, const GanNetworkOptions& o, int kernel,
                               const std::string& name) {
  const int levels = doublings(o.size, name);
  int maps = o.width;
  b.conv(o.channels + classes_in_input(o), maps, kernel, 2, false, leaky(o.slope));
  for (int level = 1; level < levels; ++level, maps *= 2) b.judge(maps, 2 * maps, kernel, 2, false);
  b.flatten();
  return smallest_pixels * maps;
}

std::unique_ptr<Sequential> radford_discriminator(const GanNetworkOptions& o, int kernel,
                                                  const std::string& name, const Rng& rng) {
  LayerChain b(o, rng);
  b.verdict(smallest_pixels, add_radford_trunk(b, o, kernel, name) / smallest_pixels);
  return b.finish();
}

}  // namespace ganymede
