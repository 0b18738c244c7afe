#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ganymede/engine/var.h>
#include <ganymede/kernels/optimizer.h>

namespace ganymede {

/// Updates parameters in place from gradients, all in one launch. Learning rate and step count live
/// on the device.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// One update; `grads` in the order of the parameters, none of them empty. Throws UsageError for
  /// another number of them or an empty one, ShapeError for one of other extents; nothing is
  /// updated then.
  virtual void step(const Vars& grads) = 0;
  virtual void set_learning_rate(float rate) = 0;
  /// Named tensors that a checkpoint must hold to go on: moments, step count, averages.
  virtual std::vector<std::pair<std::string, Tensor>> state() = 0;
  virtual const Vars& parameters() const = 0;
};

using OptimizerPtr = std::unique_ptr<Optimizer>;

/// Kingma & Ba 2015.
OptimizerPtr make_adam(Vars parameters, float learning_rate,
                       const kernels::AdamOptions& options = {});
/// PyTorch's form: epsilon is added outside the root.
OptimizerPtr make_rmsprop(Vars parameters, float learning_rate,
                          const kernels::RmsPropOptions& options = {});
OptimizerPtr make_sgd(Vars parameters, float learning_rate,
                      const kernels::SgdOptions& options = {});

/// After each step of `inner`, shadow tensors follow the parameters: shadow += (1 - decay) (value -
/// shadow).
class Ema : public Optimizer {
 public:
  Ema(OptimizerPtr inner, float decay);
  void step(const Vars& grads) override;
  void set_learning_rate(float rate) override { inner_->set_learning_rate(rate); }
  std::vector<std::pair<std::string, Tensor>> state() override;
  const Vars& parameters() const override { return inner_->parameters(); }
  /// Averaged values, in the order of the parameters.
  const std::vector<Tensor>& shadows() const { return shadows_; }

 private:
  OptimizerPtr inner_;
  std::vector<Tensor> shadows_;
  Tensor decay_;  // on the device
};

/// Every value to the nearest in [-bound, bound], all in one launch.
void clip_values(const Vars& parameters, float bound);

/// Exchanges the parameters' values with the shadows (and back when called again). Throws
/// UsageError for another number of shadows, ShapeError for one of other extents; nothing is
/// exchanged then.
void swap_values(const Vars& parameters, const std::vector<Tensor>& shadows);

}  // namespace ganymede
