#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <ganymede/engine/layers.h>

namespace ganymede {

/// Where the two common implementations differ: `keras` has biases in every convolution, epsilon
/// 1.001e-5 and the stride in a bottleneck's first 1x1; `torchvision` no biases, 1e-5 and the
/// stride in the 3x3.
enum class ResNetVariant : std::uint8_t { keras, torchvision };

struct ResNetOptions {
  int depth = 50;    ///< 18, 34, 50, 101 or 152
  int channels = 1;  ///< of the image, 1 to 4
  int classes = 2;
  float width = 1.0f;    ///< multiplies all feature maps; 1 is the published network
  float dropout = 0.0f;  ///< before the last layer
  /// Share of the old moving statistics that batch norm keeps at each step; Keras's is .99,
  /// torchvision's .9. A training of n steps wants 1 / (1 - momentum) well below n.
  float bn_momentum = 0.99f;
  ResNetVariant variant = ResNetVariant::keras;
};

/// A classifier whose features (before its last layer) can be read.
class Classifier : public Module {
 public:
  /// N x H x W x C -> N x features, any H and W.
  virtual Var features(const Var& x, Mode mode) = 0;
  virtual std::int64_t feature_count() const = 0;
  /// Parameters of everything before the last layer, for freezing.
  virtual Vars base_parameters() = 0;
};

/// He et al., "Deep residual learning for image recognition", CVPR 2016. Logits, N x classes. With
/// depth 50, 3 channels, 2 classes and variant keras: 23,591,810 parameters.
std::unique_ptr<Classifier> make_resnet(const ResNetOptions& options, const Rng& rng);

}  // namespace ganymede
