#include <ganymede/models/iagan.h>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/inception_residual.h>
#include <ganymede/models/layer_chain.h>
#include <ganymede/models/self_attention.h>

namespace ganymede {
namespace {

void require_extents(const GanNetworkOptions& o, int multiple) {
  if (o.size < multiple || o.size % multiple)
    throw SettingError("data.size = " + std::to_string(o.size) +
                       ": the networks of gan.model = iagan64 want a multiple of " +
                       std::to_string(multiple));
  if (o.width % 8)
    throw SettingError("gan.width = " + std::to_string(o.width) +
                       ": the networks of gan.model = iagan64 want a multiple of 8");
}

Init init_of(const GanNetworkOptions& o) {
  return o.normal_init ? Init::normal_02 : Init::glorot_uniform;
}

/// The image's code and the noise, as maps side by side: N x size/8 x size/8 x 5 width.
class Encoder : public Module {
 public:
  Encoder(const GanNetworkOptions& o, const Rng& rng)
      : extents_{o.size, o.size, o.channels}, latent_(o.latent) {
    const Rng image_stream = rng.child("image"), noise_stream = rng.child("noise");
    LayerChain image(o, image_stream);
    image.conv(o.channels, o.width, 4, 2, true, leaky(o.slope));
    for (int maps = o.width; maps < 4 * o.width; maps *= 2) {
      image.conv(maps, 2 * maps, 4, 2, false);
      image.batch_norm(2 * maps, leaky(o.slope));
      const std::string name = "attention" + std::to_string(maps == o.width ? 1 : 2);
      image.add(name,
                std::make_unique<SelfAttention>(2 * maps, init_of(o), image_stream.child(name)));
    }
    image_ = image.finish();
    const int side = o.size / 8;
    LayerChain noise(o, noise_stream);
    noise.dense(o.latent, std::int64_t{side} * side * o.width, leaky(o.slope));
    noise.reshape({side, side, o.width});
    noise_ = noise.finish();
  }

  Var forward(const Var& row, Mode mode) override {
    require_row(row.shape());
    const std::int64_t n = row.shape()[0], pixels = extents_.elements();
    const Var image =
        reshape(slice_channels(row, 0, pixels), {n, extents_[0], extents_[1], extents_[2]});
    return concat({image_->forward(image, mode),
                   noise_->forward(slice_channels(row, pixels, pixels + latent_), mode)});
  }
  void visit(StateVisitor& visitor) override {
    visit_child(visitor, "image", *image_);
    visit_child(visitor, "noise", *noise_);
  }
  void each_child(const Shape& input, const ChildSink& sink) override {
    sink("image", *image_, {input[0], extents_[0], extents_[1], extents_[2]});
    sink("noise", *noise_, {input[0], latent_});
  }
  std::string kind() const override { return "ImageAndNoise"; }
  Shape output_shape(const Shape& input) const override {
    require_row(input);
    Shape code = image_->output_shape({input[0], extents_[0], extents_[1], extents_[2]});
    code.set(3, code[3] + noise_->output_shape({input[0], latent_})[3]);
    return code;
  }

 private:
  void require_row(const Shape& input) const {
    if (input.rank() != 2 || input[1] != extents_.elements() + latent_)
      throw ShapeError("iagan: " + to_string(input) + " is no row of an image of " +
                       to_string(extents_) + " and " + std::to_string(latent_) + " of noise");
  }

  Shape extents_;
  std::int64_t latent_;
  std::unique_ptr<Sequential> image_, noise_;
};

}  // namespace

std::unique_ptr<Sequential> iagan_generator(const GanNetworkOptions& o, const Rng& rng) {
  require_extents(o, 8);
  if (o.classes > 0) throw SettingError("iagan: it has no conditional form");
  LayerChain b(o, rng);
  b.add("encoder", std::make_unique<Encoder>(o, rng.child("encoder")));
  int in = 5 * o.width, blocks = 0;
  const auto level = [&](int maps) {
    if (blocks)
      b.upsampled_conv(in, maps, 3, false);
    else
      b.conv(in, maps, 3, 1, false);
    b.batch_norm(maps, relu_activation);
    const std::string name = "inception_residual" + std::to_string(++blocks);
    b.add(name, std::make_unique<InceptionResidual>(maps, o, rng.child(name)));
    in = maps;
  };
  level(4 * o.width);
  for (int maps = 2 * o.width; 2 * maps >= o.width; maps /= 2) level(maps);
  b.conv(in, o.channels, 3, 1, true, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> iagan_discriminator(const GanNetworkOptions& o, const Rng& rng) {
  require_extents(o, 16);
  const bool unnormalised = o.norm == DiscriminatorNorm::none;
  LayerChain b(o, rng);
  b.conv(o.channels, o.width, 4, 2, true, leaky(o.slope));
  for (int maps = o.width; maps < 8 * o.width; maps *= 2)
    b.judge(maps, 2 * maps, 4, 2, unnormalised);
  b.flatten();
  const std::int64_t side = o.size / 16;
  b.dense(side * side * 8 * o.width, 1);
  return b.finish();
}

Var image_with_noise(const Var& images, const Var& z) { return concat({flatten(images), z}); }

}  // namespace ganymede
