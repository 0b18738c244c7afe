// The networks for classification against the published parameter counts.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/random.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/resnet.h>

using namespace ganymede;

namespace {

struct Published {
  int depth;
  std::int64_t trainable, fixed;  ///< at 3 channels and 1,000 classes
};

using Make = std::unique_ptr<Classifier> (*)(int, const NetworkOptions&, const Rng&);

NetworkOptions options(NetworkVariant variant, int classes = 1000) {
  return {.channels = 3, .classes = classes, .variant = variant};
}

void check_counts(Make make, NetworkVariant variant, std::initializer_list<Published> published) {
  for (const auto& [depth, trainable, fixed] : published) {
    INFO("depth " << depth);
    const auto network = make(depth, options(variant), Rng(0, "counts"));
    const Counts counts = count_parameters(*network);
    CHECK(counts.trainable == trainable);
    CHECK(counts.fixed == fixed);
  }
}

}  // namespace

// Keras's model summaries; torchvision's published weights (their buffers: Keras's counts, and for
// 18 and 34 the channels of 20 and 36 batch norms).
TEST_CASE("parameters of ResNets", "[long]") {
  check_counts(make_resnet, NetworkVariant::keras,
               {{50, 25'583'592, 53'120}, {101, 44'601'832, 105'344}, {152, 60'268'520, 151'424}});
  check_counts(make_resnet, NetworkVariant::torchvision,
               {{18, 11'689'512, 9'600},
                {34, 21'797'672, 17'024},
                {50, 25'557'032, 53'120},
                {101, 44'549'160, 105'344},
                {152, 60'192'808, 151'424}});
  const auto two = make_resnet(50, options(NetworkVariant::keras, 2), Rng(0, "counts"));
  const Counts counts = count_parameters(*two);
  CHECK(counts.trainable + counts.fixed == 23'591'810);
}

TEST_CASE("parameters of DenseNets") {
  for (const NetworkVariant variant : {NetworkVariant::keras, NetworkVariant::torchvision})
    check_counts(make_densenet, variant,
                 {{121, 7'978'856, 83'648},
                  {161, 28'681'000, 219'936},
                  {169, 14'149'480, 158'400},
                  {201, 20'013'928, 229'056}});
}

TEST_CASE("classifiers take any extent and give logits and features") {
  NetworkOptions small{.channels = 1, .classes = 3, .width = 0.125f};
  for (const Make make : {Make(make_resnet), Make(make_densenet)}) {
    const auto network = make(make == Make(make_resnet) ? 18 : 121, small, Rng(1, "small"));
    for (const Shape& shape : {Shape{2, 40, 33, 1}, Shape{1, 32, 32, 1}}) {
      const Var x = Tensor::full(shape, 0.25f);
      const Var features = network->features(x, Mode::training);
      CHECK(features.shape() == Shape{shape[0], network->feature_count()});
      const Var middle = network->middle_features(x, Mode::inference);
      CHECK(middle.shape() == Shape{shape[0], network->middle_feature_count()});
      CHECK(network->middle_feature_count() == (network->kind() == "ResNet" ? 32 : 64));
      const Var logits = network->forward(x, Mode::inference);
      CHECK(logits.shape() == Shape{shape[0], 3});
      CHECK(logits.shape() == network->output_shape(shape));
    }
  }
  CHECK_THROWS_AS(make_densenet(50, small, Rng(1, "")), SettingError);
  CHECK_THROWS_AS(make_resnet(121, small, Rng(1, "")), SettingError);
  small.channels = 5;
  CHECK_THROWS_AS(make_densenet(121, small, Rng(1, "")), SettingError);
}

// A DenseNet's norms read their maps where they lie: without a recording by a kernel of their own,
// and where somebody may differentiate as one matrix.
TEST_CASE("a DenseNet gives the same recorded or not, and its norms learn what they saw") {
  NetworkOptions small{.channels = 1, .classes = 3, .width = 0.125f};
  small.bn_momentum = 0.0f;  // the moving averages are the last batch's
  const auto network = make_densenet(121, small, Rng(1, "small"));
  Rng draws(2, "images");
  const Var x = draws.normal({6, 40, 33, 1});
  network->features(x, Mode::training);
  const Var recorded = network->features(x, Mode::inference);
  CHECK(recorded.tracked());
  const Recording off(false);
  const Var bare = network->features(x, Mode::inference);
  CHECK_FALSE(bare.tracked());
  const auto close = [](const Var& a, const Var& b, double bound) {
    const std::vector<float> got = a.value().host(), want = b.value().host();
    REQUIRE(got.size() == want.size());
    double largest = 0.0, furthest = 0.0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      largest = std::max(largest, double(std::abs(want[i])));
      furthest = std::max(furthest, double(std::abs(got[i] - want[i])));
    }
    CHECK(furthest <= bound * largest);
  };
  close(bare, recorded, 1e-4);
  // With the statistics of the batch as the moving ones inference is the training's forward pass.
  small.variant = NetworkVariant::keras;  // whose moving variance is the biased one
  const auto biased = make_densenet(121, small, Rng(1, "small"));
  const Var forward = biased->features(x, Mode::training);
  close(biased->features(x, Mode::inference), forward, 1e-3);
}
