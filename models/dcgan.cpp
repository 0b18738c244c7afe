#include <ganymede/models/dcgan.h>

#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/models/layer_chain.h>

namespace ganymede {
namespace {

void require_side(int size) {
  if (size < 8 || size % 8)
    throw SettingError("data.size = " + std::to_string(size) +
                       ": the networks of gan.model = dcgan32 want a positive multiple of 8");
}

}  // namespace

std::unique_ptr<Sequential> dcgan_generator(const GanNetworkOptions& o, const Rng& rng) {
  require_side(o.size);
  LayerChain b(o, rng);
  const int half = o.size / 2, width = o.width;
  const std::int64_t units = std::int64_t{half} * half * width;
  b.dense(o.latent + o.classes, units, o.dense_relu ? relu_activation : no_activation);
  b.batch_norm(units, leaky(o.slope));  // over all 32,768, as the parameter count demands
  b.reshape({half, half, width});
  b.conv(width, width, 5, 1);
  b.batch_norm(width, leaky(o.slope));
  b.conv_transpose(width, width, 4, 2);
  b.batch_norm(width, leaky(o.slope));
  for (int i = 0; i < 2; ++i) {
    b.conv(width, width, 5, 1);
    b.batch_norm(width, leaky(o.slope));
  }
  b.conv(width, o.channels, 5, 1, true, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> dcgan_discriminator(const GanNetworkOptions& o, const Rng& rng) {
  require_side(o.size);
  LayerChain b(o, rng);
  b.judge(o.channels + o.classes, o.width, 3, 1, true);
  for (int i = 0; i < 3; ++i) b.judge(o.width, o.width, 4, 2, true);
  b.flatten();
  b.dropout(o.dropout);
  const int last = o.size / 8;
  b.dense(std::int64_t{last} * last * o.width, 1);
  return b.finish();
}

}  // namespace ganymede
