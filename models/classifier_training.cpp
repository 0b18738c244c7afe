#include <ganymede/models/classifier_training.h>

#include <algorithm>
#include <cmath>
#include <span>

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

double mean_log_loss(const std::vector<float>& probabilities,
                     const std::vector<std::int32_t>& labels) {
  const std::size_t classes = probabilities.size() / labels.size();
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    sum -= std::log(std::max(1e-12, double(probabilities[i * classes + std::size_t(labels[i])])));
  return sum / double(labels.size());
}

std::vector<std::int32_t> labels_of(const ResidentSet& set, const std::vector<std::int32_t>& rows) {
  std::vector<std::int32_t> labels;
  for (std::int32_t row : rows) labels.push_back(set.labels[std::size_t(row)]);
  return labels;
}

/// Rows of scores (images x classes) that are highest at the label; the first of equals counts.
std::int64_t count_right(const std::vector<float>& scores, std::span<const std::int32_t> labels) {
  const auto classes = std::ptrdiff_t(scores.size() / labels.size());
  std::int64_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = scores.begin() + std::ptrdiff_t(i) * classes;
    right += std::max_element(row, row + classes) - row == labels[i];
  }
  return right;
}

double accuracy(const std::vector<float>& scores, const std::vector<std::int32_t>& labels) {
  return double(count_right(scores, labels)) / double(labels.size());
}

bool better(const Evaluation& a, const Evaluation& b) {
  if (a.validation_metric != b.validation_metric) return a.validation_metric > b.validation_metric;
  return a.validation_loss < b.validation_loss;
}

/// A copy of all weights, to come back to.
class Snapshot {
 public:
  explicit Snapshot(Module& module) : module_(module) {}
  void take() {
    kept_.clear();
    for (const NamedState& s : state_of(module_)) kept_.push_back(s.tensor.clone());
  }
  void restore() {
    auto state = state_of(module_);
    for (std::size_t i = 0; i < kept_.size(); ++i) state[i].tensor.copy_from(kept_[i]);
  }

 private:
  Module& module_;
  std::vector<Tensor> kept_;
};

/// Losses and logits of the training batches since the last look. They stay on the device until
/// then: a step waits for nothing.
class Tally {
 public:
  void add(const Tensor& loss, const Tensor& logits, const std::vector<std::int32_t>& labels) {
    loss_sum_ = ganymede::add(loss_sum_, loss).value();
    logits_.push_back(logits);
    labels_.push_back(labels);
  }
  void read_into(Evaluation& now) {
    now.training_loss = loss_sum_.item() / static_cast<float>(logits_.size());
    std::int64_t right = 0, images = 0;
    for (std::size_t i = 0; i < logits_.size(); ++i) {
      right += count_right(logits_[i].host(), labels_[i]);
      images += std::int64_t(labels_[i].size());
    }
    now.training_accuracy = double(right) / double(images);
    *this = Tally();
  }

 private:
  Tensor loss_sum_ = Tensor::zeros({});
  std::vector<Tensor> logits_;
  std::vector<std::vector<std::int32_t>> labels_;
};

using Batches = std::function<std::vector<std::int32_t>(std::int64_t iteration)>;

Batches batches_of(const ResidentSet& set, const ClassifierOptions& o, std::uint64_t seed,
                   const std::string& path) {
  const auto batches = [size = o.batch](auto order) {
    return [order, size](std::int64_t iteration) mutable { return order.batch(iteration, size); };
  };
  if (o.balanced_sampling) return batches(BalancedSampler(set.labels, seed, path));
  return batches(EpochSampler(set.count(), seed, path));
}

/// What a step needs, and the step.
class Steps {
 public:
  Steps(Classifier& network, const ResidentSet& training, const ClassifierOptions& o,
        std::uint64_t seed, const std::string& path)
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

  void take(int step, Tally& tally) {
    const std::vector<std::int32_t> rows = batches_(step - 1);
    const std::vector<std::int32_t> labels = labels_of(training_, rows);
    Tensor images = gather_images(training_.images, Tensor::from(rows, Shape{o_.batch}), o_.input);
    if (augment_) images = (*augment_)(images);
    const Var logits = network_.forward(images, Mode::training);
    const Var loss = cross_entropy(logits, targets_of(labels));
    optimizer_->step(grad(loss, trained_));
    tally.add(loss.value(), logits.value(), labels);
  }

 private:
  Tensor targets_of(const std::vector<std::int32_t>& labels) const {
    const Tensor targets =
        one_hot(Tensor::from(labels, Shape{std::int64_t(labels.size())}), classes_);
    if (!weights_) return targets;
    return mul(targets, expand(Var(weights_), targets.shape())).value();
  }

  Classifier& network_;
  const ResidentSet& training_;
  const ClassifierOptions& o_;
  Vars trained_;
  OptimizerPtr optimizer_;
  int classes_ = 0;
  Batches batches_;
  std::optional<ClassicAugmentation> augment_;
  Tensor weights_;
};

Evaluation evaluate(Classifier& network, int step, const ResidentSet& validation,
                    const ClassifierOptions& o, const ValidationMetric& metric, Tally& tally) {
  const std::vector<float> scores = predict(network, validation.images, o.input);
  Evaluation now{.step = step,
                 .validation_loss = mean_log_loss(scores, validation.labels),
                 .validation_metric = metric(scores, validation.labels),
                 .validation_accuracy = accuracy(scores, validation.labels)};
  tally.read_into(now);
  if (o.watched)
    now.watched_accuracy =
        accuracy(predict(network, o.watched->images, o.input), o.watched->labels);
  return now;
}

}  // namespace

TrainedClassifier train_classifier(Classifier& network, const ResidentSet& training,
                                   const ResidentSet& validation, const ClassifierOptions& o,
                                   const ValidationMetric& metric, std::uint64_t seed,
                                   const std::string& path) {
  Steps steps(network, training, o, seed, path);
  Snapshot best(network);
  Tally tally;
  TrainedClassifier result;
  for (int step = 1; step <= o.steps; ++step) {
    steps.take(step, tally);
    if (step % o.evaluate_every && step != o.steps) continue;
    const Evaluation now = evaluate(network, step, validation, o, metric, tally);
    if (!std::isfinite(now.training_loss))
      throw Error("classifier '" + path + "': the loss is no longer finite at step " +
                  std::to_string(step) + "; lower classifier.learning_rate");
    if (result.history.empty() || better(now, result.best)) {
      result.best = now;
      best.take();
    }
    result.history.push_back(now);
    if (o.on_progress) o.on_progress(step);
  }
  best.restore();
  return result;
}

}  // namespace ganymede
