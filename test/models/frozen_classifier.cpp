// classifier.freeze = base: the last layer learns on what the others make of an image, and nothing
// of the others moves.

#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/models/classifier_steps.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/sampler.h>

using namespace ganymede;

namespace {

constexpr int side = 16;

ResidentSet noise(std::uint64_t seed) {
  HostRng rng(seed, "noise");
  ResidentSet set{{}, {0, 1, 2, 0, 1, 2, 0, 1}};
  std::vector<std::uint8_t> bytes;
  for (std::int32_t label : set.labels)
    for (int i = 0; i < side * side; ++i)
      bytes.push_back(std::uint8_t(60 * label + int(rng.below(80))));
  set.images = Tensor::from(bytes, {std::int64_t(set.labels.size()), side, side, 1});
  return set;
}

struct Weights {
  std::string layer;
  std::vector<float> values;
};

std::vector<Weights> weights_of(Classifier& network) {
  std::vector<Weights> all;
  for (const NamedState& s : state_of(network))
    if (s.role != NamedState::Role::progress) all.push_back({s.layer, s.tensor.host()});
  return all;
}

/// Of the rows, by the network as it is.
double mean_loss(Classifier& network, const ResidentSet& set,
                 const std::vector<std::int32_t>& rows) {
  const std::vector<float> probabilities = predict(network, set.images, side);
  double sum = 0;
  for (std::int32_t row : rows)
    sum -= std::log(double{probabilities[std::size_t(3 * row + set.labels[std::size_t(row)])]});
  return sum / double(rows.size());
}

void check_frozen(Classifier& network) {
  const ResidentSet set = noise(5);
  ClassifierOptions o{.input = side, .batch = 4, .steps = 3, .evaluate_every = 3};
  ClassifierSteps(network, set, o, 1, "before").take(1);  // statistics as after a training
  const std::vector<Weights> before = weights_of(network);
  o.freeze_base = true;
  ClassifierSteps steps(network, set, o, 2, "frozen");
  const double expected = mean_loss(network, set, EpochSampler(8, 2, "frozen/order").batch(0, 4));
  CHECK(steps.take(1).loss.item() == Approx(expected).epsilon(1e-3));
  for (int step = 2; step <= o.steps; ++step) steps.take(step);
  const std::vector<Weights> after = weights_of(network);
  for (std::size_t i = 0; i < before.size(); ++i) {
    INFO(before[i].layer);
    CHECK((before[i].values == after[i].values) == (before[i].layer != "predictions"));
  }
}

}  // namespace

TEST_CASE("classifier training: a frozen base keeps its weights and its statistics") {
  const NetworkOptions options{.channels = 1, .classes = 3, .width = 0.0625f, .bn_momentum = 0.9f};
  check_frozen(*make_resnet(18, options, Rng(1, "small")));
}
