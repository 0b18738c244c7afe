#pragma once
// What the classifiers are built on; private to the models.

#include <memory>
#include <optional>
#include <string>

#include <ganymede/models/classifier.h>

namespace ganymede {

/// Makes the layers of one variant, each from the random stream of its name.
struct LayerFactory {
  NetworkVariant variant;
  float bn_momentum;
  const Rng& rng;

  bool keras() const { return variant == NetworkVariant::keras; }
  /// Padded by half the kernel on all sides.
  std::unique_ptr<Conv2d> conv(const std::string& name, int in, int filters, int kernel, int stride,
                               bool bias) const;
  std::unique_ptr<BatchNorm> norm(const std::string& name, int channels, Act activation) const;
  /// Of maps of these widths side by side.
  std::unique_ptr<JoinedBatchNorm> joined_norm(const std::string& name, std::vector<int> widths,
                                               Act activation) const;

 private:
  BatchNormOptions norm_options(Act activation) const;
};

/// A part of a network whose layers stand at the top level of a checkpoint, as in Keras.
class FlatBlock : public Module {};

/// Convolutions, then global average pooling, dropout and one linear layer ("predictions").
class Backbone : public Classifier {
 public:
  Var features(const Var& x, Mode mode) override { return base_.forward(input_of(x), mode); }
  std::int64_t feature_count() const override { return features_; }
  Var head(const Var& features, Mode mode) override { return head_.forward(features, mode); }
  Var middle_features(const Var& x, Mode mode) override;
  std::int64_t middle_feature_count() const override { return middle_features_; }
  Vars base_parameters() override { return parameters(base_); }
  Var forward(const Var& x, Mode mode) override { return head(features(x, mode), mode); }
  void visit(StateVisitor& visitor) override;
  void each_child(const Shape& input, const ChildSink& sink) override;
  Shape output_shape(const Shape& input) const override {
    return head_.output_shape(base_.output_shape(input));
  }

 protected:
  /// Appends what follows the last convolution, of `channels` maps.
  void close(int channels, const NetworkOptions& options, const Rng& rng);
  /// Feature maps at the options' width.
  static int wide(int maps, const NetworkOptions& options);

  Sequential base_;

 private:
  Var input_of(const Var& x) const { return scaling_ ? scaled(x, *scaling_) : x; }

  Sequential head_;
  std::optional<InputScaling> scaling_;
  std::int64_t features_ = 0, middle_features_ = 0;
  std::size_t last_halving_ = 0;  ///< the layer of base_ that does it
};

/// Throws SettingError for channels or classes that no network takes; `name` is the network's.
void check(const NetworkOptions& options, const std::string& name);

/// "resnet50" with prefix "resnet": 50; 0 where it is another name.
int depth_of(const std::string& network, const std::string& prefix);

}  // namespace ganymede
