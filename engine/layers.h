#pragma once
// The layers of the papers' networks. What they are called in checkpoints and tables is Keras's:
// kind() (a Linear is a "Dense") and the names of the weights ("kernel", "moving_mean").

#include <string>
#include <vector>

#include <ganymede/engine/init.h>
#include <ganymede/engine/module.h>
#include <ganymede/engine/ops/conv.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/engine/ops/upsampled_conv.h>
#include <ganymede/engine/random.h>

namespace ganymede {

/// An activation that a layer applies in the same kernel.
struct Act {
  Activation kind = Activation::none;
  float slope = 0.0f;
};
inline constexpr Act no_activation{};
inline constexpr Act relu_activation{Activation::leaky_relu, 0.0f};
constexpr Act leaky(float slope) { return {Activation::leaky_relu, slope}; }
inline constexpr Act tanh_activation{Activation::tanh, 0.0f};

enum class Padding : std::uint8_t { same, valid, explicit_pad };

struct ConvOptions {
  int kernel = 3, stride = 1;
  Padding padding = Padding::same;  ///< Keras's same: the odd pad at the bottom and right
  int pad = 0;                      ///< for explicit_pad, on all sides (PyTorch's convention)
  int groups = 1;
  bool bias = true;
  Act activation{};
  Init init = Init::glorot_uniform;
};

/// N x in -> N x units.
class Linear : public Module {
 public:
  Linear(std::int64_t in, std::int64_t units, Rng rng, bool bias = true, Act activation = {},
         Init init = Init::glorot_uniform);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Dense"; }
  Shape output_shape(const Shape& input) const override;

 private:
  Var kernel_, bias_;
  Act activation_;
};

/// N x H x W x in -> N x P x Q x filters.
class Conv2d : public Module {
 public:
  Conv2d(int in, int filters, const ConvOptions& options, Rng rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Conv2D"; }
  Shape output_shape(const Shape& input) const override;
  /// What the kernels compute for an input of these extents.
  kernels::ConvShape conv_shape(const Shape& input) const;

 private:
  ConvGeometry geometry(const Shape& input) const;
  ConvOptions options_;
  Var kernel_, bias_;
};

/// N x P x Q x in -> N x (P stride) x (Q stride) x filters for 'same'; PyTorch's extents for
/// explicit_pad: (P - 1) stride - 2 pad + kernel.
class ConvTranspose2d : public Module {
 public:
  ConvTranspose2d(int in, int filters, const ConvOptions& options, Rng rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Conv2DTranspose"; }
  Shape output_shape(const Shape& input) const override;
  /// The convolution whose input gradient this layer is, for an input of these extents.
  kernels::ConvShape conv_shape(const Shape& input) const;

 private:
  ConvGeometry geometry(const Shape& output) const;
  ConvOptions options_;
  Var kernel_, bias_;
};

/// Nearest upsampling by `factor`, then a convolution: N x H x W x in -> N x (H factor) x (W
/// factor) x filters, in one transposed convolution (ops/upsampled_conv.h). Weights are those of
/// the convolution. The options must be those of a 'same' convolution with an odd kernel, stride 1
/// and one group.
class UpsampledConv2d : public Module {
 public:
  UpsampledConv2d(int in, int filters, int factor, const ConvOptions& options, Rng rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "UpSampling2D, Conv2D"; }
  Shape output_shape(const Shape& input) const override;
  /// The convolution whose input gradient the kernels compute for an input of these extents.
  kernels::ConvShape conv_shape(const Shape& input) const;

 private:
  int factor_;
  Act activation_;
  Var kernel_, bias_;
};

struct BatchNormOptions {
  float momentum = 0.99f;  ///< moving = momentum moving + (1 - momentum) batch (Keras's convention)
  float epsilon = 1e-3f;
  Act activation{};
  bool unbiased_variance = false;  ///< of the moving variance: PyTorch true, Keras false
  bool normal_gamma = false;       ///< gamma ~ N(1, 0.02) (Radford et al.) instead of 1
  bool affine = true;              ///< false: neither gamma nor beta
};

/// Over all axes but the last.
class BatchNorm : public Module {
 public:
  BatchNorm(std::int64_t channels, const BatchNormOptions& options, Rng rng);
  Var forward(const Var& x, Mode mode) override { return forward(x, mode, {}); }
  /// `addend` is added before the activation; none where empty.
  Var forward(const Var& x, Mode mode, const Var& addend);
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "BatchNormalization"; }
  Shape output_shape(const Shape& input) const override;

 protected:
  BatchNormOptions options_;
  Var gamma_, beta_;
  MovingAverages moving_;
};

/// Batch norm of several maps side by side along the channels, which nobody joins.
class JoinedBatchNorm : public BatchNorm {
 public:
  /// widths: the channels of each map.
  JoinedBatchNorm(std::vector<int> widths, const BatchNormOptions& options, Rng rng);
  using BatchNorm::forward;
  /// The maps' statistics are asked for in training alone.
  Var forward(const std::vector<JoinedMap>& maps, Mode mode);
  const std::vector<int>& widths() const { return widths_; }

 private:
  std::vector<int> widths_;
};

/// Each sample over all its elements, affine per channel.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(std::int64_t channels, float epsilon = 1e-3f, Act activation = {});
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "LayerNormalization"; }
  Shape output_shape(const Shape& input) const override;

 private:
  Var gamma_, beta_;
  float epsilon_;
  Act activation_;
};

/// The activation; then, in training mode, keeps each element with probability 1 - rate and scales
/// it by 1 / (1 - rate).
class Dropout : public Module {
 public:
  Dropout(float rate, Rng rng, Act activation = {});
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Dropout"; }
  Shape output_shape(const Shape& input) const override { return input; }

 private:
  float rate_;
  Rng rng_;
  Act activation_;
};

/// A layer without state: a function, its name and the extents it gives.
class Lambda : public Module {
 public:
  using Function = std::function<Var(const Var&)>;
  using Extents = std::function<Shape(const Shape&)>;
  Lambda(std::string kind, Function function, Extents extents);
  Var forward(const Var& x, Mode) override { return function_(x); }
  void visit(StateVisitor&) override {}
  std::string kind() const override { return kind_; }
  Shape output_shape(const Shape& input) const override { return extents_(input); }

 private:
  std::string kind_;
  Function function_;
  Extents extents_;
};

ModulePtr flatten_layer();
/// To N x extents.
ModulePtr reshape_layer(const Shape& extents);
ModulePtr max_pool_layer(const PoolGeometry& geometry);
ModulePtr avg_pool_layer(const PoolGeometry& geometry);
ModulePtr global_average_pool_layer();

/// Layers one after the other.
class Sequential : public Module {
 public:
  /// Appends a layer named `name`; gives it back for further use.
  template <class Layer>
  Layer& add(std::string name, std::unique_ptr<Layer> layer) {
    Layer& reference = *layer;
    names_.push_back(std::move(name));
    layers_.push_back(std::move(layer));
    return reference;
  }
  template <class Layer, class... Args>
  Layer& emplace(std::string name, Args&&... args) {
    return add(std::move(name), std::make_unique<Layer>(std::forward<Args>(args)...));
  }
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Sequential"; }
  Shape output_shape(const Shape& input) const override;
  void each_child(const Shape& input, const ChildSink& sink) override;
  std::size_t size() const { return layers_.size(); }
  Module& layer(std::size_t i) { return *layers_[i]; }
  const std::string& name(std::size_t i) const { return names_[i]; }

 private:
  std::vector<std::string> names_;
  std::vector<ModulePtr> layers_;
};

}  // namespace ganymede
