#include <ganymede/models/resnet.h>

#include <array>
#include <utility>

#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/backbone.h>

namespace ganymede {
namespace {

struct Plan {
  std::array<int, 4> blocks;
  bool bottleneck;
};

Plan plan_of(int depth) {
  switch (depth) {
    case 18:
      return {{2, 2, 2, 2}, false};
    case 34:
      return {{3, 4, 6, 3}, false};
    case 50:
      return {{3, 4, 6, 3}, true};
    case 101:
      return {{3, 4, 23, 3}, true};
    case 152:
      return {{3, 8, 36, 3}, true};
    default:
      throw SettingError("resnet: depth " + std::to_string(depth) +
                         ": expected 18, 34, 50, 101 or 152");
  }
}

/// relu(branch(x) + shortcut(x))
class ResidualBlock : public FlatBlock {
 public:
  ResidualBlock(const LayerFactory& make, std::string name, int in, int filters, int stride,
                bool bottleneck, bool project)
      : name_(std::move(name)) {
    const int out = bottleneck ? 4 * filters : filters;
    int unit = 1;
    const auto add = [&](int from, int to, int kernel, int step) {
      const std::string conv = "_" + std::to_string(unit) + "_conv",
                        bn = "_" + std::to_string(unit) + "_bn";
      branch_.add(name_ + conv, make.conv(name_ + conv, from, to, kernel, step, make.keras()));
      closing_ = &branch_.add(name_ + bn, make.norm(name_ + bn, to, relu_activation));
      ++unit;
    };
    if (bottleneck) {
      const int first = make.keras() ? stride : 1;
      add(in, filters, 1, first);
      add(filters, filters, 3, stride / first);
      add(filters, out, 1, 1);
    } else {
      add(in, filters, 3, stride);
      add(filters, out, 3, 1);
    }
    if (!project) return;
    shortcut_.add(name_ + "_0_conv",
                  make.conv(name_ + "_0_conv", in, out, 1, stride, make.keras()));
    shortcut_.add(name_ + "_0_bn", make.norm(name_ + "_0_bn", out, no_activation));
  }

  Var forward(const Var& x, Mode mode) override {
    Var y = x;
    for (std::size_t i = 0; i + 1 < branch_.size(); ++i) y = branch_.layer(i).forward(y, mode);
    return closing_->forward(y, mode, shortcut_.forward(x, mode));
  }
  // Keras's names are flat: the block is not a level of its own.
  void visit(StateVisitor& visitor) override {
    shortcut_.visit(visitor);
    branch_.visit(visitor);
  }
  void each_child(const Shape& input, const ChildSink& sink) override {
    shortcut_.each_child(input, sink);
    branch_.each_child(input, sink);
  }
  std::string kind() const override { return "ResidualBlock"; }
  Shape output_shape(const Shape& input) const override { return branch_.output_shape(input); }

 private:
  std::string name_;
  Sequential branch_, shortcut_;
  BatchNorm* closing_ = nullptr;  ///< the branch's last layer, which takes the shortcut's sum in
};

class ResNet : public Backbone {
 public:
  ResNet(int depth, const NetworkOptions& o, const Rng& rng) {
    const Plan plan = plan_of(depth);
    const LayerFactory make{o.variant, o.bn_momentum, rng};
    int channels = wide(64, o);
    base_.add("conv1_conv", make.conv("conv1_conv", o.channels, channels, 7, 2, make.keras()));
    base_.add("conv1_bn", make.norm("conv1_bn", channels, relu_activation));
    base_.add("pool1_pool", max_pool_layer({.window = 3, .stride = 2, .pad = 1}));
    for (int stage = 0; stage < 4; ++stage) {
      const int filters = wide(64 << stage, o), out = plan.bottleneck ? 4 * filters : filters;
      for (int block = 0; block < plan.blocks[std::size_t(stage)]; ++block) {
        const std::string name =
            "conv" + std::to_string(stage + 2) + "_block" + std::to_string(block + 1);
        const int stride = stage > 0 && block == 0 ? 2 : 1;
        const bool project = block == 0 && (stride > 1 || channels != out);
        base_.emplace<ResidualBlock>(name, make, name, channels, filters, stride, plan.bottleneck,
                                     project);
        channels = out;
      }
    }
    close(channels, o, rng);
  }
  std::string kind() const override { return "ResNet"; }
};

}  // namespace

std::unique_ptr<Classifier> make_resnet(int depth, const NetworkOptions& options, const Rng& rng) {
  check(options, "resnet");
  return std::make_unique<ResNet>(depth, options, rng);
}

}  // namespace ganymede
