#pragma once

#include <cstdint>
#include <memory>

#include <ganymede/engine/layers.h>

namespace ganymede {

/// Which pair of networks: dcgan.cpp, wgan.cpp, anogan.cpp, iagan.cpp, upsample_dcgan.cpp,
/// radford_dcgan.cpp.
enum class GanModel : std::uint8_t { dcgan32, wgan64, anogan64, iagan64, dcgan128, radford128 };

/// What normalises the discriminator's layers. A gradient penalty is per sample and wants `layer`
/// or `none`.
enum class DiscriminatorNorm : std::uint8_t { batch, layer, none };

/// How a conditional GAN's networks are told the class. `every_layer` and `projection` are of
/// radford128 (class_layers.h).
enum class Conditioning : std::uint8_t { concat, every_layer, projection };

/// What both networks of a GAN take. The defaults are paper 000's, completed from its authors'
/// public notebook.
struct GanNetworkOptions {
  GanModel model = GanModel::dcgan32;
  int size = 32;     ///< pixels a side
  int columns = 0;   ///< pixels across where that is another number (dcgan128); 0: size
  int channels = 1;  ///< of the image
  int latent = 100;  ///< length of z
  int classes = 0;   ///< above 0: conditional, both networks see the class as one of that many
  int width = 128;  ///< feature maps: of every hidden layer (dcgan32), of the discriminator's first
                    ///< (the others)
  float slope = 0.01f;       ///< of the leaky ReLU
  float dropout = 0.4f;      ///< before the discriminator's last layer (dcgan32), behind each
                             ///< convolution (dcgan128)
  float bn_momentum = 0.9f;  ///< share of the old moving statistics that is kept
  float bn_epsilon = 1e-3f;
  bool unbiased_variance = false;  ///< of the moving variance
  bool dense_relu = false;   ///< a ReLU between the generator's dense layer and its batch norm
  bool normal_init = false;  ///< weights N(0, .02), batch norm's scale N(1, .02); else Keras's own
  DiscriminatorNorm norm = DiscriminatorNorm::batch;
  int generator_width = 0;  ///< maps before the generator's last layer (radford128); 0: width
  Conditioning conditioning = Conditioning::concat;
};

inline int generator_width_of(const GanNetworkOptions& o) {
  return o.generator_width > 0 ? o.generator_width : o.width;
}
/// One-hot numbers that the first layers get as further channels; none where layers are told.
inline int classes_in_input(const GanNetworkOptions& o) {
  return o.conditioning == Conditioning::concat ? o.classes : 0;
}

inline int rows_of(const GanNetworkOptions& o) { return o.size; }
inline int columns_of(const GanNetworkOptions& o) { return o.columns > 0 ? o.columns : o.size; }
/// Extents of n images, N x H x W x C.
Shape image_extents(const GanNetworkOptions& options, std::int64_t n);

/// z, beside it the class as one-hot (N x (latent + classes)) or before it the image to vary
/// (iagan64, N x (pixels + latent)) -> image (N x size x columns x channels) in [-1, 1]. Throws
/// SettingError for extents that the model cannot have.
std::unique_ptr<Sequential> make_generator(const GanNetworkOptions& options, const Rng& rng);

/// Image, beside its channels a plane per class (N x size x columns x (channels + classes)) -> one
/// number an image (N x 1) without bounds: a logit, or a Wasserstein critic's score.
std::unique_ptr<Sequential> make_discriminator(const GanNetworkOptions& options, const Rng& rng);

/// Whether the generator varies images that it is given, instead of making them of noise alone.
inline bool makes_variations(const GanNetworkOptions& options) {
  return options.model == GanModel::iagan64;
}

/// Extents of what the networks take, for n images.
Shape generator_input(const GanNetworkOptions& options, std::int64_t n);
Shape discriminator_input(const GanNetworkOptions& options, std::int64_t n);

}  // namespace ganymede
