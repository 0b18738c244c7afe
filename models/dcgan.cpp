#include <ganymede/models/dcgan.h>

#include <string>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// "conv2d", "conv2d_1", ...: Keras's automatic names.
std::string numbered(const std::string& name, int i) {
  return i ? name + "_" + std::to_string(i) : name;
}

/// Builds a network layer by layer; each layer's weights come from a random stream of its name.
class Builder {
 public:
  Builder(const DcganOptions& options, const Rng& rng)
      : options_(options), rng_(rng), network_(std::make_unique<Sequential>()) {}

  void dense(std::int64_t in, std::int64_t units, Act activation = {}) {
    network_->emplace<Linear>("dense", in, units, rng_.child("dense"), true, activation);
  }

  void conv(int in, int filters, int kernel, int stride, Act activation = {}) {
    const std::string name = numbered("conv2d", convs_++);
    network_->emplace<Conv2d>(
        name, in, filters,
        ConvOptions{.kernel = kernel, .stride = stride, .activation = activation},
        rng_.child(name));
  }

  void conv_transpose(int in, int filters, int kernel, int stride) {
    network_->emplace<ConvTranspose2d>("conv2d_transpose", in, filters,
                                       ConvOptions{.kernel = kernel, .stride = stride},
                                       rng_.child("conv2d_transpose"));
  }

  void norm(std::int64_t channels, bool layer_norm = false) {
    if (layer_norm) {
      network_->emplace<LayerNorm>(numbered("layer_normalization", norms_++), channels,
                                   options_.bn_epsilon, leaky(options_.slope));
      return;
    }
    const std::string name = numbered("batch_normalization", norms_++);
    network_->emplace<BatchNorm>(name, channels,
                                 BatchNormOptions{.momentum = options_.bn_momentum,
                                                  .epsilon = options_.bn_epsilon,
                                                  .activation = leaky(options_.slope),
                                                  .unbiased_variance = options_.unbiased_variance},
                                 rng_.child(name));
  }

  Sequential& network() { return *network_; }
  std::unique_ptr<Sequential> finish() { return std::move(network_); }

 private:
  const DcganOptions& options_;
  const Rng& rng_;
  std::unique_ptr<Sequential> network_;
  int convs_ = 0, norms_ = 0;
};

void require_valid(const DcganOptions& o) {
  if (o.size < 8 || o.size % 8)
    throw SettingError("dcgan: size " + std::to_string(o.size) +
                       " is not a positive multiple of 8");
  if (o.width < 1 || o.latent < 1 || o.channels < 1)
    throw SettingError("dcgan: width, latent and channels must be positive");
}

}  // namespace

std::unique_ptr<Sequential> dcgan_generator(const DcganOptions& o, const Rng& rng) {
  require_valid(o);
  Builder b(o, rng);
  const int half = o.size / 2, width = o.width;
  b.dense(o.latent, std::int64_t{half} * half * width,
          o.dense_relu ? relu_activation : no_activation);
  b.norm(std::int64_t{half} * half *
         width);  // over all 32,768 outputs, as the parameter count demands
  b.network().add("reshape", reshape_layer({half, half, width}));
  b.conv(width, width, 5, 1);
  b.norm(width);
  b.conv_transpose(width, width, 4, 2);
  b.norm(width);
  for (int i = 0; i < 2; ++i) {
    b.conv(width, width, 5, 1);
    b.norm(width);
  }
  b.conv(width, o.channels, 5, 1, tanh_activation);
  return b.finish();
}

std::unique_ptr<Sequential> dcgan_discriminator(const DcganOptions& o, const Rng& rng) {
  require_valid(o);
  Builder b(o, rng);
  b.conv(o.channels, o.width, 3, 1);
  b.norm(o.width, o.layer_norm);
  for (int i = 0; i < 3; ++i) {
    b.conv(o.width, o.width, 4, 2);
    b.norm(o.width, o.layer_norm);
  }
  b.network().add("flatten", flatten_layer());
  b.network().emplace<Dropout>("dropout", o.dropout, rng.child("dropout"));
  const int last = o.size / 8;
  b.dense(std::int64_t{last} * last * o.width, 1);
  return b.finish();
}

}  // namespace ganymede
