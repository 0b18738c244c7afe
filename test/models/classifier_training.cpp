// The training of classifiers: what a step's loss is, what is noted beside it, and what is not
// allowed to matter.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/class_balance.h>
#include <ganymede/models/classifier_steps.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/sampler.h>

using namespace ganymede;

namespace {

using Labels = std::vector<std::int32_t>;

/// Noise, brighter the higher the label.
ResidentSet noise(const Labels& labels, std::uint64_t seed) {
  HostRng rng(seed, "noise");
  std::vector<std::uint8_t> bytes;
  for (std::int32_t label : labels)
    for (int i = 0; i < 16 * 16; ++i)
      bytes.push_back(std::uint8_t(60 * label + int(rng.below(80))));
  return {Tensor::from(bytes, {std::int64_t(labels.size()), 16, 16, 1}), labels};
}

std::unique_ptr<Classifier> small_network() {
  return make_resnet(18, {.channels = 1, .classes = 3, .width = 0.0625f, .bn_momentum = 0.9f},
                     Rng(1, "small"));
}

double first_class(const std::vector<float>& probabilities, const Labels&) {
  return probabilities[0];
}

TrainedClassifier train(Classifier& network, const ResidentSet& training,
                        const ClassifierOptions& o) {
  return train_classifier(network, training, noise({0, 1, 2}, 9), o, first_class, 2, "c");
}

struct Step {
  double loss = 0, accuracy = 0;
};

/// What the first step over these rows must report, from the plain definition.
Step first_step(const ResidentSet& set, const Labels& rows, const std::vector<float>& weights) {
  const auto network = small_network();
  const Tensor x = gather_images(set.images, Tensor::from(rows, {std::int64_t(rows.size())}));
  const auto logs = log_softmax(network->forward(x, Mode::training)).value().host();
  Step step;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto label = std::size_t(set.labels[std::size_t(rows[i])]);
    const auto row = logs.begin() + std::ptrdiff_t(3 * i);
    step.loss -= double{weights[label]} * row[std::ptrdiff_t(label)] / double(rows.size());
    step.accuracy +=
        double(std::max_element(row, row + 3) - row == std::ptrdiff_t(label)) / double(rows.size());
  }
  return step;
}

}  // namespace

TEST_CASE("classifier training: loss and accuracy of a step, with weights and balanced draws") {
  const ResidentSet set = noise({0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0}, 5);
  const std::vector<float> ones{1, 1, 1}, weights = balanced_weights(set.labels, 3);
  ClassifierOptions o{.input = 16, .batch = 9, .steps = 1};
  const auto check = [&](const Labels& rows, const std::vector<float>& expected_weights) {
    const auto network = small_network();
    const Evaluation now = train(*network, set, o).history.at(0);
    const Step expected = first_step(set, rows, expected_weights);
    CHECK(now.training_loss == Approx(expected.loss).epsilon(1e-5));
    CHECK(now.training_accuracy == Approx(expected.accuracy));
  };
  const Labels uniform = EpochSampler(12, 2, "c/order").batch(0, 9);
  const Labels balanced = BalancedSampler(set.labels, 2, "c/order").batch(0, 9);
  check(uniform, ones);
  o.balanced_weights = true;
  check(uniform, weights);
  o.balanced_sampling = true;
  check(balanced, weights);
  o.balanced_weights = false;
  check(balanced, ones);
}

TEST_CASE("classifier training: steps taken one by one are the training") {
  const ResidentSet set = noise({0, 0, 1, 0, 2, 0, 1, 2, 1, 0}, 5);
  const ClassifierOptions o{
      .input = 16, .batch = 4, .steps = 3, .evaluate_every = 3, .optimizer = "adam"};
  const auto whole = small_network(), stepped = small_network();
  const Evaluation now = train(*whole, set, o).history.at(0);
  ClassifierSteps steps(*stepped, set, o, 2, "c");
  double loss = 0;
  for (int step = 1; step <= o.steps; ++step) {
    const ClassifierStep done = steps.take(step);
    CHECK(done.labels.size() == 4);
    CHECK(done.logits.shape() == Shape{4, 3});
    loss += done.loss.item();
  }
  CHECK(loss / 3 == Approx(now.training_loss).epsilon(1e-6));
  const Vars expected = parameters(*whole), got = parameters(*stepped);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(got.at(i).value().host() == expected[i].value().host());
}

TEST_CASE("classifier training: a watched set is looked at and changes nothing") {
  const ResidentSet set = noise({0, 1, 2, 0, 1, 2, 0, 1}, 5), watched = noise({2, 2, 1, 0, 0}, 6);
  ClassifierOptions o{.input = 16, .batch = 4, .steps = 7, .evaluate_every = 3};
  o.classic = ClassicOptions{.elastic = 0.03f, .brightness = 0.2f};
  const auto blind = small_network(), seeing = small_network();
  const TrainedClassifier without = train(*blind, set, o);
  o.watched = &watched;
  const TrainedClassifier with = train(*seeing, set, o);
  REQUIRE(with.history.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Evaluation &a = without.history[i], &b = with.history[i];
    CHECK((a.step == b.step && a.training_loss == b.training_loss &&
           a.validation_loss == b.validation_loss && a.validation_metric == b.validation_metric));
    CHECK(!a.watched_accuracy);
    CHECK(b.watched_accuracy.has_value());
  }
  const auto ours = state_of(*blind), theirs = state_of(*seeing);
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (ours[i].tensor.dtype() == DType::f32)
      CHECK(ours[i].tensor.host() == theirs[i].tensor.host());
  // The last evaluation's accuracy, if its weights are those that stayed.
  if (with.best.step != 7) return;
  const auto scores = predict(*seeing, watched.images, 16);
  int right = 0;
  for (std::size_t i = 0; i < watched.labels.size(); ++i)
    right +=
        std::max_element(&scores[3 * i], &scores[3 * i] + 3) - &scores[3 * i] == watched.labels[i];
  CHECK(with.best.watched_accuracy.value() == Approx(right / 5.0));
}

TEST_CASE(
    "classifier training: a rate that is too high is named, and so is an empty validation set") {
  const ResidentSet set = noise({0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0}, 5);
  const auto network = small_network();
  ClassifierOptions o;
  o.steps = o.evaluate_every = 30;
  o.batch = 4;
  o.input = 16;
  o.learning_rate = 1e30f;
  const auto metric = [](const std::vector<float>& scores, const Labels&) {
    for (const float s : scores)
      if (std::isnan(s)) throw DataError("a score is NaN");
    return 0.0;
  };
  CHECK_THROWS_WITH(train_classifier(*network, set, noise({0, 1, 2}, 9), o, metric, 2, "c"),
                    Catch::Contains("lower classifier.learning_rate"));
  CHECK_THROWS_AS(train_classifier(*network, set, noise({}, 9), o, metric, 2, "c"), UsageError);
}

TEST_CASE(
    "classifier training: labels that are missing, or no class of the network's, are refused") {
  const auto network = small_network();
  const ClassifierOptions o{.input = 16, .batch = 2, .steps = 1};
  ResidentSet unlabelled = noise({0, 1, 2}, 5), foreign = noise({0, 1, 3}, 5),
              negative = noise({0, 1, 2}, 5);
  const ResidentSet fine = noise({0, 1, 2}, 5);
  unlabelled.labels.clear();
  negative.labels[1] = -1;
  for (const ResidentSet* bad : {&unlabelled, &foreign, &negative}) {
    CHECK_THROWS_AS(train_classifier(*network, *bad, fine, o, first_class, 2, "c"), UsageError);
    CHECK_THROWS_AS(train_classifier(*network, fine, *bad, o, first_class, 2, "c"), UsageError);
  }
  CHECK_THROWS_WITH(ClassifierSteps(*network, foreign, o, 2, "c"),
                    "classifier 'c': label 3 is none of its 3 classes");
  ClassifierOptions never = o;
  never.evaluate_every = 0;
  CHECK_THROWS_AS(train_classifier(*network, fine, fine, never, first_class, 2, "c"), UsageError);
}
