#include <ganymede/models/upsample_dcgan.h>

#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/models/layer_chain.h>

namespace ganymede {
namespace {

constexpr int doubled = 4;           // times, whatever the size: the paper's number of layers
constexpr int ratio = 1 << doubled;  // of the image's side and the smallest maps'

void require_side(int pixels) {
  if (pixels < ratio || pixels % ratio)
    throw SettingError("dcgan128: a side of " + std::to_string(pixels) +
                       " pixels is not a positive multiple of " + std::to_string(ratio) +
                       "; set data.size and data.columns to such numbers");
}

/// Extents of the smallest maps.
Shape smallest(const GanNetworkOptions& o) {
  require_side(rows_of(o));
  require_side(columns_of(o));
  return {rows_of(o) / ratio, columns_of(o) / ratio, 8 * o.width};
}

}  // namespace

std::unique_ptr<Sequential> upsample_dcgan_generator(const GanNetworkOptions& o, const Rng& rng) {
  const Shape first = smallest(o);
  LayerChain b(o, rng);
  b.dense(o.latent + o.classes, first.elements(), leaky(o.slope));
  b.reshape(first);
  int in = 8 * o.width;
  for (int out : {8 * o.width, 4 * o.width, 2 * o.width}) {
    b.upsampled_conv(in, out, 3);
    b.batch_norm(out, leaky(o.slope));
    in = out;
  }
  b.upsampled_conv(in, o.channels, 3, true, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> upsample_dcgan_discriminator(const GanNetworkOptions& o,
                                                         const Rng& rng) {
  const Shape last = smallest(o);
  LayerChain b(o, rng);
  b.conv(o.channels + o.classes, o.width, 3, 2);
  b.dropout(o.dropout, leaky(o.slope));
  for (int in = o.width; in < 8 * o.width; in *= 2) b.judge(in, 2 * in, 3, 2, true, true);
  b.flatten();
  b.dense(last.elements(), 1);
  return b.finish();
}

}  // namespace ganymede
