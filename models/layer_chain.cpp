#include <ganymede/models/layer_chain.h>

#include <bit>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string numbered(const std::string& name, int i) {
  return i ? name + "_" + std::to_string(i) : name;
}

}  // namespace

ConvOptions LayerChain::options_of(int kernel, int stride, bool bias, Act activation) const {
  return {
      .kernel = kernel, .stride = stride, .bias = bias, .activation = activation, .init = init()};
}

void LayerChain::dense(std::int64_t in, std::int64_t units, Act activation, bool bias) {
  network_->emplace<Linear>("dense", in, units, rng_.child("dense"), bias, activation, init());
}

void LayerChain::conv(int in, int filters, int kernel, int stride, bool bias, Act activation) {
  const std::string name = numbered("conv2d", convs_++);
  network_->emplace<Conv2d>(name, in, filters, options_of(kernel, stride, bias, activation),
                            rng_.child(name));
}

void LayerChain::conv_transpose(int in, int filters, int kernel, int stride, bool bias,
                                Act activation) {
  const std::string name = numbered("conv2d_transpose", transposed_++);
  network_->emplace<ConvTranspose2d>(
      name, in, filters, options_of(kernel, stride, bias, activation), rng_.child(name));
}

void LayerChain::batch_norm(std::int64_t channels, Act activation) {
  const std::string name = numbered("batch_normalization", norms_++);
  network_->emplace<BatchNorm>(name, channels,
                               BatchNormOptions{.momentum = options_.bn_momentum,
                                                .epsilon = options_.bn_epsilon,
                                                .activation = activation,
                                                .unbiased_variance = options_.unbiased_variance,
                                                .normal_gamma = options_.normal_init},
                               rng_.child(name));
}

void LayerChain::layer_norm(std::int64_t channels, Act activation) {
  network_->emplace<LayerNorm>(numbered("layer_normalization", norms_++), channels,
                               options_.bn_epsilon, activation);
}

void LayerChain::dropout(float rate) {
  const std::string name = numbered("dropout", dropouts_++);
  network_->emplace<Dropout>(name, rate, rng_.child(name));
}

void LayerChain::upsample() {
  network_->add(numbered("up_sampling2d", upsamplings_++), upsample_layer(2));
}

void LayerChain::judge(int in, int filters, int kernel, int stride, bool bias) {
  const Act activation = leaky(options_.slope);
  const bool plain = options_.norm == DiscriminatorNorm::none;
  conv(in, filters, kernel, stride, bias, plain ? activation : no_activation);
  if (options_.norm == DiscriminatorNorm::batch) batch_norm(filters, activation);
  if (options_.norm == DiscriminatorNorm::layer) layer_norm(filters, activation);
}

int doublings(int size, const std::string& model) {
  const auto ratio = static_cast<unsigned>(size / smallest_maps);
  if (size < 2 * smallest_maps || size % smallest_maps || !std::has_single_bit(ratio))
    throw SettingError(model + ": size " + std::to_string(size) +
                       " is not 8, 16, 32, 64 or a further double");
  return std::bit_width(ratio) - 1;
}

}  // namespace ganymede
