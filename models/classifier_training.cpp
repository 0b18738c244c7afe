#include <ganymede/models/classifier_training.h>

#include <algorithm>
#include <cmath>
#include <span>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/classifier_steps.h>

namespace ganymede {
namespace {

double mean_log_loss(const std::vector<float>& probabilities,
                     const std::vector<std::int32_t>& labels) {
  const std::size_t classes = probabilities.size() / labels.size();
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    sum -= std::log(std::max(1e-12, double(probabilities[i * classes + std::size_t(labels[i])])));
  return sum / double(labels.size());
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
  void add(const ClassifierStep& step) {
    loss_sum_ = ganymede::add(loss_sum_, step.loss).value();
    logits_.push_back(step.logits);
    labels_.push_back(step.labels);
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

/// Throws Error where training has come to no numbers: nothing can be said of those.
Evaluation evaluate(Classifier& network, const std::string& path, int step,
                    const ResidentSet& validation, const ClassifierOptions& o,
                    const ValidationMetric& metric, Tally& tally) {
  Evaluation now{.step = step};
  tally.read_into(now);
  const std::vector<float> scores = predict(network, validation.images, o.input);
  const auto finite = [](float v) { return std::isfinite(v); };
  if (!finite(now.training_loss) || !std::ranges::all_of(scores, finite))
    throw Error("classifier '" + path + "': the loss is no longer finite at step " +
                std::to_string(step) + "; lower classifier.learning_rate");
  now.validation_loss = mean_log_loss(scores, validation.labels);
  now.validation_metric = metric(scores, validation.labels);
  now.validation_accuracy = accuracy(scores, validation.labels);
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
  const std::string name = "classifier '" + path + "'";
  if (validation.count() == 0) throw UsageError(name + ": no image to validate with");
  if (o.evaluate_every < 1) throw UsageError(name + ": evaluate_every must be at least 1");
  require_labels(validation, classes_of(network, validation, o), name);
  if (o.watched) require_labels(*o.watched, classes_of(network, *o.watched, o), name);
  ClassifierSteps steps(network, training, o, seed, path);
  Snapshot best(network);
  Tally tally;
  TrainedClassifier result;
  for (int step = 1; step <= o.steps; ++step) {
    tally.add(steps.take(step));
    if (step % o.evaluate_every && step != o.steps) continue;
    const Evaluation now = evaluate(network, path, step, validation, o, metric, tally);
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
