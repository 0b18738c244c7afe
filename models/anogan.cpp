#include <ganymede/models/anogan.h>

#include <ganymede/models/layer_chain.h>
#include <ganymede/models/radford_dcgan.h>

namespace ganymede {
namespace {

constexpr int kernel = 5;
constexpr const char* name = "anogan";

}  // namespace

std::unique_ptr<Sequential> anogan_generator(const GanNetworkOptions& o, const Rng& rng) {
  return radford_generator(o, kernel, name, rng);
}

std::unique_ptr<Sequential> anogan_discriminator(const GanNetworkOptions& o, const Rng& rng) {
  return radford_discriminator(o, kernel, name, rng);
}

std::unique_ptr<Sequential> anogan_encoder(const GanNetworkOptions& options, bool bounded,
                                           const Rng& rng) {
  GanNetworkOptions o = options;
  o.norm = DiscriminatorNorm::layer;
  LayerChain b(o, rng);
  b.dense(add_radford_trunk(b, o, kernel, name), o.latent,
          bounded ? tanh_activation : no_activation);
  return b.finish();
}

}  // namespace ganymede
