#pragma once

#include <memory>
#include <vector>

#include <ganymede/models/gan_network.h>

namespace ganymede {

/// relu(x + closing(concat(branches))): four branches of channels / 4 maps, 1x1; 1x1, 3x3; 1x1,
/// 3x3, 3x3; 3x3 average pooling, 1x1 (Szegedy et al. 2016, figure 5), batch norm and ReLU behind
/// each convolution, and a linear 1x1 with bias back to all channels (paper 002). N x H x W x
/// channels -> the same. Throws SettingError where channels are no multiple of 4.
class InceptionResidual : public Module {
 public:
  InceptionResidual(int channels, const GanNetworkOptions& options, const Rng& rng);
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  void each_child(const Shape& input, const ChildSink& sink) override;
  std::string kind() const override { return "InceptionResidual"; }
  Shape output_shape(const Shape& input) const override { return input; }

 private:
  std::vector<std::unique_ptr<Sequential>> branches_;
  std::unique_ptr<Sequential> closing_;
};

}  // namespace ganymede
