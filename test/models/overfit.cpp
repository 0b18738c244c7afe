// A classifier that cannot learn 100 images by heart has a fault. Real images where this machine
// has them. All three take minutes and run in tools/check --full.

#include <catch2/catch.hpp>

#include <algorithm>

#include <ganymede/data/resident.h>
#include <ganymede/models/backbone.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/resnet.h>

#include "test/places.h"

using namespace ganymede;

namespace {

constexpr int side = 32, images = 100;

/// The first images of each class, equally many, as far as a class has them.
std::vector<int> first_of_each(const Dataset& dataset) {
  std::vector<int> chosen;
  for (int turn = 0; int(chosen.size()) < images; ++turn)
    for (int k = 0; k < int(dataset.classes.size()) && int(chosen.size()) < images; ++k) {
      int seen = 0;
      for (int i = 0; i < int(dataset.samples.size()); ++i)
        if (dataset.samples[std::size_t(i)].class_index == k && seen++ == turn) {
          chosen.push_back(i);
          break;
        }
    }
  return chosen;
}

ResidentSet hundred_images() {
  const std::string real = test::real_data("messidor-2");
  if (real.empty()) WARN("no messidor-2 here: phantoms instead of real images");
  const Dataset dataset = open_dataset(real.empty() ? "phantom:head-ct?n=50&size=64" : real);
  const ImageStack stack =
      load_images(dataset, first_of_each(dataset),
                  {.height = side, .width = side, .channels = 3, .bits = 8, .pad_to_square = true});
  ResidentSet set{.images = Tensor::from(stack.bytes, {stack.count, side, side, 3}), .labels = {}};
  set.labels.assign(stack.labels.begin(), stack.labels.end());
  return set;
}

double accuracy(const std::vector<float>& scores, const std::vector<std::int32_t>& labels) {
  const std::size_t classes = scores.size() / labels.size();
  double right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float* row = &scores[i * classes];
    right += std::max_element(row, row + classes) - row == labels[i];
  }
  return right / double(labels.size());
}

struct Learnt {};  ///< thrown to stop a training that has reached its aim

/// Trains until the network knows more than 99 of 100 images in inference mode, at most 240
/// steps.
void check_overfits(const std::string& name, float width, float learning_rate) {
  const ResidentSet set = hundred_images();
  REQUIRE(set.count() == images);
  const NetworkOptions o{.channels = 3,
                         .classes = 1 + std::ranges::max(set.labels),
                         .width = width,
                         .bn_momentum = 0.9f};
  const Rng rng(1, "overfit/" + name);
  const int depth = depth_of(name, "resnet");
  const auto network =
      depth ? make_resnet(depth, o, rng) : make_densenet(depth_of(name, "densenet"), o, rng);
  const ClassifierOptions training{.input = side,
                                   .batch = 50,
                                   .steps = 240,
                                   .evaluate_every = 10,
                                   .optimizer = "adam",
                                   .learning_rate = learning_rate};
  std::vector<double> seen;
  const auto look = [&](const std::vector<float>& scores, const auto& labels) {
    seen.push_back(accuracy(scores, labels));
    if (seen.back() > 0.99) throw Learnt();
    return seen.back();
  };
  INFO(name << " at width " << width << ", every 10 steps");
  CHECK_THROWS_AS(train_classifier(*network, set, set, training, look, 1, "overfit/" + name),
                  Learnt);
  CAPTURE(seen);
  CHECK(accuracy(predict(*network, set.images, side), set.labels) > 0.99);
}

}  // namespace

TEST_CASE("overfitting 100 images: DenseNet-121", "[.full]") {
  check_overfits("densenet121", 1.0f, 5e-4f);
}

TEST_CASE("overfitting 100 images: narrow ResNet-101", "[.full]") {
  check_overfits("resnet101", 0.25f, 1e-3f);
}

TEST_CASE("overfitting 100 images: ResNet-101 at full width", "[.full]") {
  check_overfits("resnet101", 1.0f, 5e-4f);
}
