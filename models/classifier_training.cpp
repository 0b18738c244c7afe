#include <ganymede/models/classifier_training.h>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/objective.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/sampler.h>

namespace ganymede {
namespace {

/// Rows of resident images as the network sees them: [-1, 1], input x input.
Tensor network_input(const Tensor& images, const Tensor& index, int input) {
  const Tensor batch = gather_images(images, index);
  if (batch.shape()[1] == input && batch.shape()[2] == input) return batch;
  const Recording off(false);
  return resize_bilinear(batch, input, input).value();
}

template <class Forward>
std::vector<float> in_chunks(const Tensor& images, int input, Forward forward) {
  const Recording off(false);
  std::vector<float> result;
  constexpr std::int64_t chunk = 64;
  const std::int64_t n = images.shape()[0];
  for (std::int64_t i = 0; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    const std::vector<float> part =
        forward(network_input(images.slice(i, end), Tensor(), input)).value().host();
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

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

Tensor labels_of(const ResidentSet& set, const std::vector<std::int32_t>& rows) {
  std::vector<std::int32_t> labels;
  for (std::int32_t row : rows) labels.push_back(set.labels[std::size_t(row)]);
  return Tensor::from(labels, Shape{std::int64_t(labels.size())});
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

}  // namespace

TrainedClassifier train_classifier(Classifier& network, const ResidentSet& training,
                                   const ResidentSet& validation, const ClassifierOptions& o,
                                   const ValidationMetric& metric, std::uint64_t seed,
                                   const std::string& path) {
  Vars trained = parameters(network);
  if (o.freeze_base)
    trained.erase(trained.begin(),
                  trained.begin() + std::ptrdiff_t(network.base_parameters().size()));
  const OptimizerPtr optimizer = make_optimizer(o, trained);
  const int classes =
      int(network.output_shape({1, o.input, o.input, training.images.shape()[3]})[1]);
  EpochSampler order(training.count(), seed, path + "/order");
  HostRng warps(seed, path + "/augment");
  Snapshot best(network);
  TrainedClassifier result;
  Tensor loss_sum = Tensor::zeros({});
  for (int step = 1; step <= o.steps; ++step) {
    const std::vector<std::int32_t> rows = order.batch(step - 1, o.batch);
    const Tensor index = Tensor::from(rows, Shape{o.batch});
    Tensor images = network_input(training.images, index, o.input);
    if (o.classic) images = augment(images, *o.classic, warps);
    const Tensor targets = one_hot(labels_of(training, rows), classes);
    const Var loss = cross_entropy(network.forward(images, Mode::training), targets);
    optimizer->step(grad(loss, trained));
    loss_sum = add(loss_sum, loss.value()).value();
    if (step % o.evaluate_every && step != o.steps) continue;
    const std::vector<float> scores = predict(network, validation.images, o.input);
    const int steps_since = step - (result.history.empty() ? 0 : result.history.back().step);
    const Evaluation now{step, mean_log_loss(scores, validation.labels),
                         metric(scores, validation.labels), loss_sum.item() / steps_since};
    if (!std::isfinite(now.training_loss))
      throw Error("classifier '" + path + "': the loss is no longer finite at step " +
                  std::to_string(step) + "; lower classifier.learning_rate");
    loss_sum = Tensor::zeros({});
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

std::vector<float> predict(Classifier& network, const Tensor& images, int input) {
  return in_chunks(images, input, [&](const Tensor& x) {
    return exp(log_softmax(network.forward(x, Mode::inference)));
  });
}

std::vector<float> extract_features(Classifier& network, const Tensor& images, int input) {
  return in_chunks(images, input,
                   [&](const Tensor& x) { return network.features(x, Mode::inference); });
}

}  // namespace ganymede
