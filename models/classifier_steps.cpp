#include <ganymede/models/classifier_steps.h>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/class_balance.h>
#include <ganymede/models/objective.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/sampler.h>

namespace ganymede {
namespace {

OptimizerPtr make_optimizer(const ClassifierOptions& o, Vars parameters) {
  const float rate = o.learning_rate, decay = o.weight_decay;
  if (o.optimizer == "rmsprop")
    return make_rmsprop(std::move(parameters), rate,
                        {.rho = 0.9f, .epsilon = 1e-7f, .weight_decay = decay});
  if (o.optimizer == "adam")
    return make_adam(std::move(parameters), rate, {.epsilon = 1e-7f, .weight_decay = decay});
  if (o.optimizer == "sgd")
    return make_sgd(std::move(parameters), rate, {.momentum = o.momentum, .weight_decay = decay});
  throw SettingError("classifier.optimizer '" + o.optimizer + "': expected rmsprop, adam or sgd");
}

std::vector<std::int32_t> labels_of(const ResidentSet& set, const std::vector<std::int32_t>& rows) {
  std::vector<std::int32_t> labels;
  for (std::int32_t row : rows) labels.push_back(set.labels[std::size_t(row)]);
  return labels;
}

using Batches = std::function<std::vector<std::int32_t>(std::int64_t iteration)>;

Batches batches_of(const ResidentSet& set, const ClassifierOptions& o, std::uint64_t seed,
                   const std::string& path) {
  const auto batches = [size = o.batch](auto order) {
    return [order, size](std::int64_t iteration) mutable { return order.batch(iteration, size); };
  };
  if (o.balanced_sampling) return batches(BalancedSampler(set.labels, seed, path));
  return batches(EpochSampler(set.count(), seed, path));
}

}  // namespace

ClassifierSteps::ClassifierSteps(Classifier& network, const ResidentSet& training,
                                 const ClassifierOptions& o, std::uint64_t seed,
                                 const std::string& path)
    : network_(network), training_(training), o_(o), trained_(parameters(network)) {
  if (o.freeze_base)
    trained_.erase(trained_.begin(),
                   trained_.begin() + std::ptrdiff_t(network.base_parameters().size()));
  optimizer_ = make_optimizer(o, trained_);
  classes_ = int(network.output_shape({1, o.input, o.input, training.images.shape()[3]})[1]);
  batches_ = batches_of(training, o, seed, path + "/order");
  if (o.classic) augment_.emplace(*o.classic, seed, path + "/augment");
  if (o.balanced_weights)
    weights_ = Tensor::from(balanced_weights(training.labels, classes_), {1, classes_});
}

ClassifierStep ClassifierSteps::take(int step) {
  const std::vector<std::int32_t> rows = batches_(step - 1);
  const std::vector<std::int32_t> labels = labels_of(training_, rows);
  Tensor images = gather_images(training_.images, Tensor::from(rows, Shape{o_.batch}), o_.input);
  if (augment_) images = (*augment_)(images);
  const Var logits = logits_of(images);
  const Var loss = cross_entropy(logits, targets_of(labels));
  optimizer_->step(grad(loss, trained_));
  return {loss.value(), logits.value(), labels};
}

Var ClassifierSteps::logits_of(const Tensor& images) {
  if (!o_.freeze_base) return network_.forward(images, Mode::training);
  const auto frozen = [&] {
    const Recording off(false);  // no gradient goes beyond the head
    return network_.features(images, Mode::inference);
  };
  return network_.head(frozen(), Mode::training);
}

Tensor ClassifierSteps::targets_of(const std::vector<std::int32_t>& labels) const {
  const Tensor targets =
      one_hot(Tensor::from(labels, Shape{std::int64_t(labels.size())}), classes_);
  if (!weights_) return targets;
  return mul(targets, expand(Var(weights_), targets.shape())).value();
}

}  // namespace ganymede
