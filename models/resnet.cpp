#include <ganymede/models/resnet.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

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

/// Makes the layers of one variant, each from the random stream of its name.
struct Factory {
  ResNetVariant variant;
  float bn_momentum;
  const Rng& rng;

  bool keras() const { return variant == ResNetVariant::keras; }
  std::unique_ptr<Conv2d> conv(const std::string& name, int in, int filters, int kernel,
                               int stride) const {
    const ConvOptions options{.kernel = kernel,
                              .stride = stride,
                              .padding = Padding::explicit_pad,
                              .pad = kernel / 2,
                              .bias = keras(),
                              .init = keras() ? Init::glorot_uniform : Init::he_normal};
    return std::make_unique<Conv2d>(in, filters, options, rng.child(name));
  }
  std::unique_ptr<BatchNorm> norm(const std::string& name, int channels, Act activation) const {
    const BatchNormOptions options{.momentum = bn_momentum,
                                   .epsilon = keras() ? 1.001e-5f : 1e-5f,
                                   .activation = activation,
                                   .unbiased_variance = !keras()};
    return std::make_unique<BatchNorm>(channels, options, rng.child(name));
  }
};

/// relu(branch(x) + shortcut(x))
class ResidualBlock : public Module {
 public:
  ResidualBlock(const Factory& make, std::string name, int in, int filters, int stride,
                bool bottleneck, bool project)
      : name_(std::move(name)) {
    const int out = bottleneck ? 4 * filters : filters;
    int unit = 1;
    const auto add = [&](int from, int to, int kernel, int step, Act activation) {
      const std::string conv = "_" + std::to_string(unit) + "_conv",
                        bn = "_" + std::to_string(unit) + "_bn";
      branch_.add(name_ + conv, make.conv(name_ + conv, from, to, kernel, step));
      branch_.add(name_ + bn, make.norm(name_ + bn, to, activation));
      ++unit;
    };
    if (bottleneck) {
      const int first = make.keras() ? stride : 1;
      add(in, filters, 1, first, relu_activation);
      add(filters, filters, 3, stride / first, relu_activation);
      add(filters, out, 1, 1, no_activation);
    } else {
      add(in, filters, 3, stride, relu_activation);
      add(filters, out, 3, 1, no_activation);
    }
    if (!project) return;
    shortcut_.add(name_ + "_0_conv", make.conv(name_ + "_0_conv", in, out, 1, stride));
    shortcut_.add(name_ + "_0_bn", make.norm(name_ + "_0_bn", out, no_activation));
  }

  Var forward(const Var& x, Mode mode) override {
    return relu(add(branch_.forward(x, mode), shortcut_.forward(x, mode)));
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
};

class ResNet : public Classifier {
 public:
  ResNet(const ResNetOptions& o, const Rng& rng) {
    const Plan plan = plan_of(o.depth);
    const Factory make{o.variant, o.bn_momentum, rng};
    const auto wide = [&](int maps) { return std::max(1, int(std::lround(maps * o.width))); };
    int channels = wide(64);
    base_.add("conv1_conv", make.conv("conv1_conv", o.channels, channels, 7, 2));
    base_.add("conv1_bn", make.norm("conv1_bn", channels, relu_activation));
    base_.add("pool1_pool", max_pool_layer({.window = 3, .stride = 2, .pad = 1}));
    for (int stage = 0; stage < 4; ++stage) {
      const int filters = wide(64 << stage), out = plan.bottleneck ? 4 * filters : filters;
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
    base_.add("avg_pool", global_average_pool_layer());
    features_ = channels;
    head_.emplace<Dropout>("dropout", o.dropout, rng.child("dropout"));
    head_.emplace<Linear>("predictions", channels, o.classes, rng.child("predictions"));
  }

  Var features(const Var& x, Mode mode) override { return base_.forward(x, mode); }
  std::int64_t feature_count() const override { return features_; }
  Vars base_parameters() override { return parameters(base_); }
  Var forward(const Var& x, Mode mode) override { return head_.forward(features(x, mode), mode); }
  void visit(StateVisitor& visitor) override {
    for (Sequential* part : {&base_, &head_})
      for (std::size_t i = 0; i < part->size(); ++i) {
        // A residual block's layers stand at the top level, as in Keras.
        if (part->layer(i).kind() == "ResidualBlock")
          part->layer(i).visit(visitor);
        else
          visit_child(visitor, part->name(i), part->layer(i));
      }
  }
  void each_child(const Shape& input, const ChildSink& sink) override {
    Shape shape = input;
    for (Sequential* part : {&base_, &head_})
      for (std::size_t i = 0; i < part->size(); ++i) {
        if (part->layer(i).kind() == "ResidualBlock")
          part->layer(i).each_child(shape, sink);
        else
          sink(part->name(i), part->layer(i), shape);
        shape = part->layer(i).output_shape(shape);
      }
  }
  std::string kind() const override { return "ResNet"; }
  Shape output_shape(const Shape& input) const override {
    return head_.output_shape(base_.output_shape(input));
  }

 private:
  Sequential base_, head_;
  std::int64_t features_ = 0;
};

}  // namespace

std::unique_ptr<Classifier> make_resnet(const ResNetOptions& options, const Rng& rng) {
  if (options.channels < 1 || options.channels > 4)
    throw SettingError("resnet: " + std::to_string(options.channels) +
                       " channels: expected 1 to 4");
  if (options.classes < 2) throw SettingError("resnet: needs at least two classes");
  return std::make_unique<ResNet>(options, rng);
}

}  // namespace ganymede
