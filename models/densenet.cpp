#include <ganymede/models/densenet.h>

#include <array>
#include <utility>

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
};

/// [x, conv3x3(relu(bn(conv1x1(relu(bn(x))))))]
class DenseLayer : public FlatBlock {
 public:
  DenseLayer(const Builder& build, const std::string& name, int in, int growth, int bottleneck) {
    build.norm(branch_, name + "_0_bn", in);
    build.conv(branch_, name + "_1_conv", in, bottleneck, 1);
    build.norm(branch_, name + "_1_bn", bottleneck);
    build.conv(branch_, name + "_2_conv", bottleneck, growth, 3);
  }
  Var forward(const Var& x, Mode mode) override { return concat({x, branch_.forward(x, mode)}); }
  void visit(StateVisitor& visitor) override { branch_.visit(visitor); }
  void each_child(const Shape& input, const ChildSink& sink) override {
    branch_.each_child(input, sink);
  }
  std::string kind() const override { return "DenseLayer"; }
  Shape output_shape(const Shape& input) const override {
    Shape out = branch_.output_shape(input);
    out.set(3, input[3] + out[3]);
    return out;
  }

 private:
  Sequential branch_;
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
      for (int layer = 1; layer <= plan.layers[block]; ++layer) {
        const std::string name = "conv" + stage + "_block" + std::to_string(layer);
        base_.emplace<DenseLayer>(name, build, name, channels, growth, 4 * growth);
        channels += growth;
      }
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
