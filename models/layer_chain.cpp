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

LayerChain::LayerChain(const GanNetworkOptions& options, const Rng& rng)
    : options_(options),
      rng_(rng),
      tells_(options.classes > 0 && options.conditioning != Conditioning::concat) {
  if (tells_)
    network_ = std::make_unique<ConditionalSequential>(options.classes);
  else
    network_ = std::make_unique<Sequential>();
}

void LayerChain::place(const std::string& name, ModulePtr layer) {
  network_->add(name, told() ? beside_class(std::move(layer), told()) : std::move(layer));
}

void LayerChain::dense(std::int64_t in, std::int64_t units, Act activation, bool bias) {
  place("dense", std::make_unique<Linear>(in + told(), units, rng_.child("dense"), bias, activation,
                                          init()));
}

void LayerChain::conv(int in, int filters, int kernel, int stride, bool bias, Act activation) {
  const std::string name = numbered("conv2d", convs_++);
  place(name,
        std::make_unique<Conv2d>(in + told(), filters, options_of(kernel, stride, bias, activation),
                                 rng_.child(name)));
}

void LayerChain::upsampled_conv(int in, int filters, int kernel, bool bias, Act activation) {
  const std::string name = numbered("conv2d", convs_++);
  place(name,
        std::make_unique<UpsampledConv2d>(
            in + told(), filters, 2, options_of(kernel, 1, bias, activation), rng_.child(name)));
}

void LayerChain::conv_transpose(int in, int filters, int kernel, int stride, bool bias,
                                Act activation) {
  const std::string name = numbered("conv2d_transpose", transposed_++);
  place(name,
        std::make_unique<ConvTranspose2d>(
            in + told(), filters, options_of(kernel, stride, bias, activation), rng_.child(name)));
}

BatchNormOptions LayerChain::norm_options(Act activation) const {
  return {.momentum = options_.bn_momentum,
          .epsilon = options_.bn_epsilon,
          .activation = activation,
          .unbiased_variance = options_.unbiased_variance,
          .normal_gamma = options_.normal_init};
}

void LayerChain::batch_norm(std::int64_t channels, Act activation) {
  const std::string name = numbered("batch_normalization", norms_++);
  network_->emplace<BatchNorm>(name, channels, norm_options(activation), rng_.child(name));
}

void LayerChain::generator_norm(std::int64_t channels, Act activation) {
  if (!projects()) return batch_norm(channels, activation);
  const std::string name = numbered("batch_normalization", norms_++);
  network_->add(name, class_batch_norm(channels, options_.classes, norm_options(activation),
                                       rng_.child(name)));
}

void LayerChain::verdict(std::int64_t pixels, std::int64_t maps) {
  if (!projects()) return dense(pixels * maps, 1, {}, false);
  network_->add("dense",
                projection_layer(pixels, maps, options_.classes, init(), rng_.child("dense")));
}

void LayerChain::layer_norm(std::int64_t channels, Act activation) {
  network_->emplace<LayerNorm>(numbered("layer_normalization", norms_++), channels,
                               options_.bn_epsilon, activation);
}

void LayerChain::dropout(float rate, Act activation) {
  const std::string name = numbered("dropout", dropouts_++);
  network_->emplace<Dropout>(name, rate, rng_.child(name), activation);
}

void LayerChain::judge(int in, int filters, int kernel, int stride, bool bias, bool drops) {
  const Act leaky_relu = leaky(options_.slope);
  // The activation is the last one's, in one pass with what it does.
  const Act before_dropout = drops ? no_activation : leaky_relu;
  const bool plain = options_.norm == DiscriminatorNorm::none;
  conv(in, filters, kernel, stride, bias, plain ? before_dropout : no_activation);
  if (options_.norm == DiscriminatorNorm::batch) batch_norm(filters, before_dropout);
  if (options_.norm == DiscriminatorNorm::layer) layer_norm(filters, before_dropout);
  if (drops) dropout(options_.dropout, leaky_relu);
}

int doublings(int size, const std::string& model) {
  const auto ratio = static_cast<unsigned>(size / smallest_maps);
  if (size < 2 * smallest_maps || size % smallest_maps || !std::has_single_bit(ratio))
    throw SettingError(model + ": data.size = " + std::to_string(size) +
                       " is not 8, 16, 32, 64 or a further double");
  return std::bit_width(ratio) - 1;
}

}  // namespace ganymede
