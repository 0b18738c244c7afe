#pragma once

#include <ganymede/engine/layers.h>

namespace ganymede {

/// Attention over the positions of feature maps (Zhang et al. 2019, SAGAN, without its pooling):
/// y = x + gamma o, o the attention of three 1x1 convolutions with biases: queries and keys of
/// channels / 8, values of all channels, scores not scaled. gamma is a trainable number that begins
/// at 0. N x H x W x channels -> the same. Throws SettingError where channels are no multiple of 8.
class SelfAttention : public Module {
 public:
  SelfAttention(int channels, Init init, const Rng& rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  void each_child(const Shape& input, const ChildSink& sink) override;
  std::string kind() const override { return "SelfAttention"; }
  Shape output_shape(const Shape& input) const override { return input; }

 private:
  Conv2d query_, key_, value_;
  Var gamma_;
};

}  // namespace ganymede
