#include <ganymede/models/gan_network.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/anogan.h>
#include <ganymede/models/dcgan.h>
#include <ganymede/models/iagan.h>
#include <ganymede/models/radford_dcgan.h>
#include <ganymede/models/upsample_dcgan.h>
#include <ganymede/models/wgan.h>

namespace ganymede {
namespace {

void require_positive(const GanNetworkOptions& o) {
  if (o.width < 1 || o.latent < 1 || o.channels < 1 || o.classes < 0)
    throw SettingError(
        "gan.width, gan.latent and the images' channels must be positive, classes not negative");
  if (columns_of(o) != rows_of(o) && o.model != GanModel::dcgan128)
    throw SettingError(
        "gan: of the models dcgan128 alone makes images that are not square; set data.columns = 0");
  if (o.model == GanModel::radford128) return;
  if (o.conditioning != Conditioning::concat)
    throw SettingError(
        "gan: of the models radford128 alone tells its inner layers the class; set "
        "gan.conditioning = \"concat\"");
  if (o.generator_width > 0)
    throw SettingError(
        "gan: of the models radford128 alone has a width for each network; set "
        "gan.generator_width = 0");
}

constexpr int radford_kernel = 4;
constexpr const char* radford_name = "radford128";

}  // namespace

std::unique_ptr<Sequential> make_generator(const GanNetworkOptions& o, const Rng& rng) {
  require_positive(o);
  switch (o.model) {
    case GanModel::wgan64:
      return wgan_generator(o, rng);
    case GanModel::anogan64:
      return anogan_generator(o, rng);
    case GanModel::iagan64:
      return iagan_generator(o, rng);
    case GanModel::dcgan128:
      return upsample_dcgan_generator(o, rng);
    case GanModel::radford128:
      return radford_generator(o, radford_kernel, radford_name, rng);
    default:
      return dcgan_generator(o, rng);
  }
}

std::unique_ptr<Sequential> make_discriminator(const GanNetworkOptions& o, const Rng& rng) {
  require_positive(o);
  switch (o.model) {
    case GanModel::wgan64:
      return wgan_critic(o, rng);
    case GanModel::anogan64:
      return anogan_discriminator(o, rng);
    case GanModel::iagan64:
      return iagan_discriminator(o, rng);
    case GanModel::dcgan128:
      return upsample_dcgan_discriminator(o, rng);
    case GanModel::radford128:
      return radford_discriminator(o, radford_kernel, radford_name, rng);
    default:
      return dcgan_discriminator(o, rng);
  }
}

Shape image_extents(const GanNetworkOptions& o, std::int64_t n) {
  return {n, rows_of(o), columns_of(o), o.channels};
}

Shape generator_input(const GanNetworkOptions& o, std::int64_t n) {
  const std::int64_t pixels = image_extents(o, 1).elements();
  return {n, o.latent + o.classes + (makes_variations(o) ? pixels : 0)};
}

Shape discriminator_input(const GanNetworkOptions& o, std::int64_t n) {
  return {n, rows_of(o), columns_of(o), o.channels + o.classes};
}

}  // namespace ganymede
