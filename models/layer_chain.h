#pragma once
// What the GANs' networks are built with; private to the models.

#include <memory>
#include <string>

#include <ganymede/models/class_layers.h>
#include <ganymede/models/gan_network.h>

namespace ganymede {

/// A network made layer by layer with Keras's automatic names ("conv2d", "conv2d_1"); each layer's
/// weights come from the random stream of its name.
class LayerChain {
 public:
  LayerChain(const GanNetworkOptions& options, const Rng& rng);

  void dense(std::int64_t in, std::int64_t units, Act activation = {}, bool bias = true);
  void conv(int in, int filters, int kernel, int stride, bool bias = true, Act activation = {});
  /// The same behind nearest upsampling to twice as many pixels each way.
  void upsampled_conv(int in, int filters, int kernel, bool bias = true, Act activation = {});
  void conv_transpose(int in, int filters, int kernel, int stride, bool bias = true,
                      Act activation = {});
  void batch_norm(std::int64_t channels, Act activation);
  /// Of a generator: with scales and shifts for each class where the options ask for a projection.
  void generator_norm(std::int64_t channels, Act activation);
  void layer_norm(std::int64_t channels, Act activation);
  /// A layer of a discriminator: convolution, the norm that the options ask for, leaky ReLU, and
  /// dropout where `drops` (of the options' rate).
  void judge(int in, int filters, int kernel, int stride, bool bias, bool drops = false);
  /// A discriminator's last layer, from a row of pixels x maps numbers to one: dense without bias,
  /// with the class's projection where the options ask for it.
  void verdict(std::int64_t pixels, std::int64_t maps);
  void reshape(const Shape& extents) { network_->add("reshape", reshape_layer(extents)); }
  void flatten() { network_->add("flatten", flatten_layer()); }
  void dropout(float rate, Act activation = {});
  /// Another layer, which has its weights already.
  void add(const std::string& name, ModulePtr layer) { network_->add(name, std::move(layer)); }
  std::unique_ptr<Sequential> finish() { return std::move(network_); }

 private:
  Init init() const { return options_.normal_init ? Init::normal_02 : Init::glorot_uniform; }
  bool projects() const { return tells_ && options_.conditioning == Conditioning::projection; }
  /// Channels that a layer's input has more, where every layer is told the class.
  int told() const {
    return tells_ && options_.conditioning == Conditioning::every_layer ? options_.classes : 0;
  }
  void place(const std::string& name, ModulePtr layer);
  BatchNormOptions norm_options(Act activation) const;
  ConvOptions options_of(int kernel, int stride, bool bias, Act activation) const;

  const GanNetworkOptions& options_;
  const Rng& rng_;
  bool tells_;  ///< the class goes to inner layers
  std::unique_ptr<Sequential> network_;
  int convs_ = 0, transposed_ = 0, norms_ = 0, dropouts_ = 0;
};

/// Side of the smallest feature maps of networks that double or halve their way (wgan, anogan).
inline constexpr int smallest_maps = 4;
/// How often the side doubles from there to the image. Throws SettingError, naming the model, where
/// that is no whole number of times, or none.
int doublings(int size, const std::string& model);

}  // namespace ganymede
