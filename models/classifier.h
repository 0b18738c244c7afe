#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ganymede/engine/layers.h>
#include <ganymede/models/input_scaling.h>

namespace ganymede {

/// Where the two common implementations of a network differ (biases, epsilons, strides); each
/// network says how.
enum class NetworkVariant : std::uint8_t { keras, torchvision };

/// What every network for classification takes.
struct NetworkOptions {
  int channels = 1;  ///< of the image, 1 to 4
  int classes = 2;
  float width = 1.0f;    ///< multiplies all feature maps; 1 is the published network
  float dropout = 0.0f;  ///< before the last layer
  /// Share of the old moving statistics that batch norm keeps at each step; Keras's is .99,
  /// torchvision's .9. A training of n steps wants 1 / (1 - momentum) well below n.
  float bn_momentum = 0.99f;
  NetworkVariant variant = NetworkVariant::keras;
  /// Of the images, which come in [-1, 1], before the first layer; none: as they are. It belongs to
  /// the weights: a network trained elsewhere knows its own input only. Three channels.
  std::optional<InputScaling> scaling{};
};

/// A classifier whose features (before its last layer) can be read. Logits, N x classes.
class Classifier : public Module {
 public:
  /// N x H x W x C -> N x features, any H and W.
  virtual Var features(const Var& x, Mode mode) = 0;
  virtual std::int64_t feature_count() const = 0;
  /// Logits of features: what `forward` does with them.
  virtual Var head(const Var& features, Mode mode) = 0;
  /// Means over height and width of the maps before the network halves them for the last time: what
  /// an image is made of, not yet what tells the classes apart. N x middle_feature_count().
  virtual Var middle_features(const Var& x, Mode mode) = 0;
  virtual std::int64_t middle_feature_count() const = 0;
  /// Parameters of everything before the last layer, for freezing: Vars of parameters(network)
  /// itself, no copies of them.
  virtual Vars base_parameters() = 0;
};

}  // namespace ganymede
