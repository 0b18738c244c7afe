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

/// What is not frozen, in the network's order.
Vars trained_parameters(Classifier& network, const ClassifierOptions& o) {
  Vars trained = parameters(network);
  if (!o.freeze_base) return trained;
  for (const Var& frozen : network.base_parameters())
    std::erase_if(trained, [&](const Var& v) { return v.node() == frozen.node(); });
  return trained;
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

int classes_of(Classifier& network, const ResidentSet& set, const ClassifierOptions& o) {
  return int(network.output_shape({1, o.input, o.input, set.images.shape()[3]})[1]);
}

ClassifierSteps::ClassifierSteps(Classifier& network, const ResidentSet& training,
                                 const ClassifierOptions& o, std::uint64_t seed,
                                 const std::string& path)
    : network_(network),
      training_(training),
      o_(o),
      trained_(trained_parameters(network, o)),
      optimizer_(make_optimizer(o, trained_)),
      learn_(current_stream(), [this] { learn(); }) {
  const std::int64_t channels = training.images.shape()[3];
  classes_ = classes_of(network, training, o);
  require_labels(training, classes_, "classifier '" + path + "'");
  images_ = Tensor({o.batch, o.input, o.input, channels});
  targets_ = Tensor({o.batch, classes_});
  batches_ = batches_of(training, o, seed, path + "/order");
  if (o.classic) augment_.emplace(*o.classic, seed, path + "/augment");
  if (o.balanced_weights)
    weights_ = Tensor::from(balanced_weights(training.labels, classes_), {1, classes_});
}

ClassifierStep ClassifierSteps::take(int step) {
  const std::vector<std::int32_t> rows = batches_(step - 1);
  const std::vector<std::int32_t> labels = labels_of(training_, rows);
  const Tensor images =
      gather_images(training_.images, Tensor::from(rows, Shape{o_.batch}), o_.input);
  images_.copy_from(augment_ ? (*augment_)(images) : images);
  targets_.copy_from(targets_of(labels));
  learn_();
  return {loss_.clone(), logits_.clone(), labels};
}

void ClassifierSteps::learn() {
  const Var logits = logits_of(images_);
  const Var loss = cross_entropy(logits, targets_);
  optimizer_->step(grad(loss, trained_));
  loss_ = loss.value();
  logits_ = logits.value();
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
