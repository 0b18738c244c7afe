#include <ganymede/models/densenet.h>

#include <array>
#include <deque>
#include <numeric>
#include <vector>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/backbone.h>

namespace ganymede {
namespace {

struct Plan {
  std::array<int, 4> layers;  ///< of each dense block
  int growth, stem;           ///< feature maps that a layer adds; those of the first convolution
};

Plan plan_of(int depth) {
  switch (depth) {
    case 121:
      return {{6, 12, 24, 16}, 32, 64};
    case 161:
      return {{6, 12, 36, 24}, 48, 96};
    case 169:
      return {{6, 12, 32, 32}, 32, 64};
    case 201:
      return {{6, 12, 48, 32}, 32, 64};
    default:
      throw SettingError("densenet: depth " + std::to_string(depth) +
                         ": expected 121, 161, 169 or 201");
  }
}

/// Appends the two kinds of layer that the network is made of: there are no biases, and every batch
/// norm is followed by a ReLU.
struct Builder {
  LayerFactory make;

  void conv(Sequential& to, const std::string& name, int in, int filters, int kernel,
            int stride = 1) const {
    to.add(name, make.conv(name, in, filters, kernel, stride, false));
  }
  void norm(Sequential& to, const std::string& name, int channels) const {
    to.add(name, make.norm(name, channels, relu_activation));
  }
  JoinedBatchNorm& joined_norm(Sequential& to, const std::string& name,
                               std::vector<int> widths) const {
    return to.add(name, make.joined_norm(name, std::move(widths), relu_activation));
  }
};

/// conv3x3(relu(bn(conv1x1(relu(bn(x)))))) with x all maps before it
class DenseLayer {
 public:
  /// widths: of the maps that it reads.
  DenseLayer(const Builder& build, const std::string& name, const std::vector<int>& widths,
             int growth)
      : opening_(&build.joined_norm(branch_, name + "_0_bn", widths)) {
    const int in = std::accumulate(widths.begin(), widths.end(), 0), bottleneck = 4 * growth;
    build.conv(branch_, name + "_1_conv", in, bottleneck, 1);
    build.norm(branch_, name + "_1_bn", bottleneck);
    build.conv(branch_, name + "_2_conv", bottleneck, growth, 3);
  }
  Var forward(const std::vector<JoinedMap>& maps, Mode mode) {
    Var y = opening_->forward(maps, mode);
    for (std::size_t i = 1; i < branch_.size(); ++i) y = branch_.layer(i).forward(y, mode);
    return y;
  }
  Sequential& layers() { return branch_; }

 private:
  Sequential branch_;
  JoinedBatchNorm* opening_;  ///< its first layer
};

/// Layers that each read the block's input and the maps of all layers before them, and the
/// concatenation of all these.
class DenseBlock : public FlatBlock {
 public:
  DenseBlock(const Builder& build, const std::string& name, int layers, int in, int growth)
      : growth_(growth) {
    std::vector<int> widths{in};
    for (int i = 0; i < layers; ++i, widths.push_back(growth))
      layers_.emplace_back(build, name + std::to_string(i + 1), widths, growth);
  }
  Var forward(const Var& x, Mode mode) override {
    const auto map = [mode](const Var& v) {
      return mode == Mode::inference ? JoinedMap{v, {}, {}} : with_statistics(v);
    };
    std::vector<JoinedMap> maps{map(x)};
    Vars all{x};
    for (DenseLayer& layer : layers_) {
      all.push_back(layer.forward(maps, mode));
      if (all.size() <= layers_.size()) maps.push_back(map(all.back()));  // somebody reads it
    }
    return concat(all);
  }
  void visit(StateVisitor& visitor) override {
    for (DenseLayer& layer : layers_) layer.layers().visit(visitor);
  }
  void each_child(const Shape& input, const ChildSink& sink) override {
    Shape shape = input;
    for (DenseLayer& layer : layers_) {
      layer.layers().each_child(shape, sink);
      shape.set(3, shape[3] + growth_);
    }
  }
  std::string kind() const override { return "DenseBlock"; }
  Shape output_shape(const Shape& input) const override {
    Shape out = input;
    out.set(3, input[3] + growth_ * static_cast<int>(layers_.size()));
    return out;
  }

 private:
  std::deque<DenseLayer> layers_;  ///< a layer has an address
  int growth_;
};

class DenseNet : public Backbone {
 public:
  DenseNet(int depth, const NetworkOptions& o, const Rng& rng) {
    const Plan plan = plan_of(depth);
    const Builder build{{o.variant, o.bn_momentum, rng}};
    const int growth = wide(plan.growth, o);
    int channels = wide(plan.stem, o);
    build.conv(base_, "conv1_conv", o.channels, channels, 7, 2);
    build.norm(base_, "conv1_bn", channels);
    base_.add("pool1", max_pool_layer({.window = 3, .stride = 2, .pad = 1}));
    for (std::size_t block = 0; block < plan.layers.size(); ++block) {
      const std::string stage = std::to_string(block + 2);
      const std::string name = "conv" + stage + "_block";
      base_.emplace<DenseBlock>(name, build, name, plan.layers[block], channels, growth);
      channels += plan.layers[block] * growth;
      const bool last = block + 1 == plan.layers.size();
      build.norm(base_, last ? "bn" : "pool" + stage + "_bn", channels);
      if (last) continue;
      build.conv(base_, "pool" + stage + "_conv", channels, channels / 2, 1);
      base_.add("pool" + stage + "_pool", avg_pool_layer({.window = 2, .stride = 2}));
      channels /= 2;
    }
    close(channels, o, rng);
  }
  std::string kind() const override { return "DenseNet"; }
};

}  // namespace

std::unique_ptr<Classifier> make_densenet(int depth, const NetworkOptions& options,
                                          const Rng& rng) {
  check(options, "densenet");
  return std::make_unique<DenseNet>(depth, options, rng);
}

}  // namespace ganymede
