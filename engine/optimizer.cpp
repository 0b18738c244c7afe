#include <ganymede/engine/optimizer.h>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>
#include <ganymede/kernels/random.h>

namespace ganymede {
namespace {

std::vector<Tensor> zeros_like(const Vars& parameters) {
  std::vector<Tensor> tensors;
  for (const Var& p : parameters) tensors.push_back(Tensor::zeros(p.shape()));
  return tensors;
}

/// What the three rules share: parameters, up to two moments each, learning rate, step count.
class Base : public Optimizer {
 public:
  Base(Vars parameters, float rate, bool first, bool second)
      : parameters_(std::move(parameters)),
        rate_(Tensor::full({1}, rate)),
        step_(Tensor::zeros({1}, DType::i64)) {
    if (first) first_ = zeros_like(parameters_);
    if (second) second_ = zeros_like(parameters_);
  }

  void step(const Vars& grads) final {
    if (grads.size() != parameters_.size())
      throw UsageError("optimizer: " + std::to_string(grads.size()) + " gradients for " +
                       std::to_string(parameters_.size()) + " parameters");
    std::vector<kernels::ParameterSlot> slots;
    for (std::size_t i = 0; i < grads.size(); ++i) slots.push_back(slot(i, grads[i].value()));
    apply(current_stream(), slots);
    step_.bump_version();
    for (Var& p : parameters_) p.mutable_value().bump_version();
  }

  void set_learning_rate(float rate) final {
    kernels::fill(current_stream(), 1, rate, rate_.data());
    rate_.bump_version();
  }

  std::vector<std::pair<std::string, Tensor>> state() final {
    std::vector<std::pair<std::string, Tensor>> named{{"learning_rate", rate_}, {"step", step_}};
    for (std::size_t i = 0; i < first_.size(); ++i)
      named.emplace_back("first/" + std::to_string(i), first_[i]);
    for (std::size_t i = 0; i < second_.size(); ++i)
      named.emplace_back("second/" + std::to_string(i), second_[i]);
    return named;
  }

  const Vars& parameters() const final { return parameters_; }

 protected:
  /// Updates, and counts the step.
  virtual void apply(Stream& stream, std::span<const kernels::ParameterSlot> slots) = 0;
  Vars parameters_;
  Tensor rate_, step_;

 private:
  kernels::ParameterSlot slot(std::size_t i, const Tensor& grad) {
    Tensor& value = parameters_[i].mutable_value();
    if (!(grad.shape() == value.shape()))
      throw ShapeError("optimizer: gradient " + to_string(grad.shape()) + " for parameter " +
                       to_string(value.shape()));
    return {value.data(), grad.data(), first_.empty() ? nullptr : first_[i].data(),
            second_.empty() ? nullptr : second_[i].data(), value.elements()};
  }
  std::vector<Tensor> first_, second_;
};

class AdamRule : public Base {
 public:
  AdamRule(Vars p, float rate, const kernels::AdamOptions& options)
      : Base(std::move(p), rate, true, true), options_(options) {}

 private:
  void apply(Stream& stream, std::span<const kernels::ParameterSlot> slots) override {
    kernels::adam(stream, slots, options_, rate_.data(), step_.data<std::int64_t>());
  }
  kernels::AdamOptions options_;
};

class RmsPropRule : public Base {
 public:
  RmsPropRule(Vars p, float rate, const kernels::RmsPropOptions& options)
      : Base(std::move(p), rate, false, true), options_(options) {}

 private:
  void apply(Stream& stream, std::span<const kernels::ParameterSlot> slots) override {
    kernels::rmsprop(stream, slots, options_, rate_.data());
    kernels::advance(stream, 1, step_.data<std::int64_t>());
  }
  kernels::RmsPropOptions options_;
};

class SgdRule : public Base {
 public:
  SgdRule(Vars p, float rate, const kernels::SgdOptions& options)
      : Base(std::move(p), rate, options.momentum != 0.0f, false), options_(options) {}

 private:
  void apply(Stream& stream, std::span<const kernels::ParameterSlot> slots) override {
    kernels::sgd(stream, slots, options_, rate_.data());
    kernels::advance(stream, 1, step_.data<std::int64_t>());
  }
  kernels::SgdOptions options_;
};

}  // namespace

OptimizerPtr make_adam(Vars parameters, float learning_rate, const kernels::AdamOptions& options) {
  return std::make_unique<AdamRule>(std::move(parameters), learning_rate, options);
}
OptimizerPtr make_rmsprop(Vars parameters, float learning_rate,
                          const kernels::RmsPropOptions& options) {
  return std::make_unique<RmsPropRule>(std::move(parameters), learning_rate, options);
}
OptimizerPtr make_sgd(Vars parameters, float learning_rate, const kernels::SgdOptions& options) {
  return std::make_unique<SgdRule>(std::move(parameters), learning_rate, options);
}

Ema::Ema(OptimizerPtr inner, float decay)
    : inner_(std::move(inner)), decay_(Tensor::full({1}, decay)) {
  for (const Var& p : inner_->parameters()) shadows_.push_back(p.value().clone());
}

void Ema::step(const Vars& grads) {
  inner_->step(grads);
  std::vector<kernels::ParameterSlot> slots;
  for (std::size_t i = 0; i < shadows_.size(); ++i) {
    Tensor value = inner_->parameters()[i].value();
    slots.push_back({value.data(), nullptr, shadows_[i].data(), nullptr, value.elements()});
    shadows_[i].bump_version();
  }
  kernels::ema(current_stream(), slots, decay_.data());
}

std::vector<std::pair<std::string, Tensor>> Ema::state() {
  auto named = inner_->state();
  for (std::size_t i = 0; i < shadows_.size(); ++i)
    named.emplace_back("ema/" + std::to_string(i), shadows_[i]);
  return named;
}

void clip_values(const Vars& parameters, float bound) {
  std::vector<kernels::ParameterSlot> slots;
  for (Var p : parameters) {
    Tensor& value = p.mutable_value();
    slots.push_back({value.data(), nullptr, nullptr, nullptr, value.elements()});
    value.bump_version();
  }
  kernels::clip(current_stream(), slots, bound);
}

namespace {

void require_shadows(const Vars& parameters, const std::vector<Tensor>& shadows) {
  if (shadows.size() != parameters.size())
    throw UsageError("swap_values: " + std::to_string(shadows.size()) + " shadows for " +
                     std::to_string(parameters.size()) + " parameters");
  for (std::size_t i = 0; i < shadows.size(); ++i)
    if (shadows[i].shape() != parameters[i].shape())
      throw ShapeError("swap_values: shadow " + to_string(shadows[i].shape()) + " for parameter " +
                       to_string(parameters[i].shape()));
}

}  // namespace

void swap_values(const Vars& parameters, const std::vector<Tensor>& shadows) {
  require_shadows(parameters, shadows);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Var parameter = parameters[i];
    Tensor shadow = shadows[i];
    const Tensor held = parameter.value().clone();
    parameter.mutable_value().copy_from(shadow);
    shadow.copy_from(held);
  }
}

}  // namespace ganymede
