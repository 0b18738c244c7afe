// Whether the classes of a conditional GAN's fakes can be seen, where the answer is known: phantoms
// whose bleedings nobody overlooks, and the same with the GAN's labels shuffled.

#include <catch2/catch.hpp>

#include <algorithm>
#include <span>

#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/resize.h>
#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/gan_training.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/settings.h>

#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int size = 32, per_class = 400, fakes_per_class = 500;

/// Head CT phantoms `first` to `last` of both classes.
ResidentSet heads(int first, int last) {
  const PhantomOptions options{.per_class = per_class, .size = 48, .difficulty = 0.1};
  ResidentSet set;
  std::vector<std::uint8_t> bytes;
  for (int i = first; i < last; ++i)
    for (int label : {0, 1}) {
      const Image image = resize(make_phantom(options, label, i).image, size, size, Resize::area);
      bytes.insert(bytes.end(), image.bytes().begin(), image.bytes().end());
      set.labels.push_back(label);
    }
  set.images = Tensor::from(bytes, {std::int64_t(set.labels.size()), size, size, 1});
  return set;
}

double accuracy(const std::vector<float>& probabilities, const std::vector<std::int32_t>& labels) {
  int right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    right += (probabilities[2 * i + 1] > 0.5f) == (labels[i] == 1);
  return double(right) / double(labels.size());
}

double seen_in(Classifier& classifier, const ResidentSet& set) {
  return accuracy(predict(classifier, set.images, size), set.labels);
}

std::unique_ptr<Classifier> taught_on_reals() {
  auto network = make_resnet(18, {.channels = 1, .classes = 2, .width = 0.25f, .bn_momentum = 0.9f},
                             Rng(1, "classifier"));
  const ClassifierOptions options{
      .input = size, .batch = 32, .steps = 300, .evaluate_every = 50, .optimizer = "adam"};
  train_classifier(*network, heads(0, per_class * 3 / 4), heads(per_class * 3 / 4, per_class),
                   options, accuracy, 1, "classifier");
  return network;
}

/// A thousand fakes of a conditional GAN that learnt from the training part.
ResidentSet fakes_of(const ResidentSet& training_part) {
  GanOptions o = gan_options(Recipe::shipped("brainct-cgan128"), 1, 2);
  o.network.size = size;
  o.network.width = 8;
  o.network.generator_width = 24;
  o.learning_rate = 5e-4f;
  GanTraining training(o, {.epochs = 60}, training_part, 1, "gan/conditional");
  while (!training.finished()) training.advance();
  ResidentSet fakes;
  std::vector<std::uint8_t> bytes;
  Rng noise(1, "fakes");
  for (int label : {0, 1}) {
    for (float v : training.sample(fakes_per_class, noise, label).host())
      bytes.push_back(static_cast<std::uint8_t>(std::clamp((v + 1) * 127.5f + 0.5f, 0.0f, 255.0f)));
    fakes.labels.insert(fakes.labels.end(), fakes_per_class, label);
  }
  fakes.images = Tensor::from(bytes, {std::int64_t(fakes.labels.size()), size, size, 1});
  return fakes;
}

/// As many of each class, without meaning.
ResidentSet shuffled(ResidentSet set) {
  HostRng(1, "shuffled").shuffle(std::span(set.labels));
  return set;
}

}  // namespace

TEST_CASE("a classifier of reals sees the class of a conditional GAN's fakes", "[.full]") {
  const OneThread steady;
  const auto classifier = taught_on_reals();
  const double reals = seen_in(*classifier, heads(per_class, per_class + 100));
  const ResidentSet part = heads(0, per_class * 3 / 4);
  const double fakes = seen_in(*classifier, fakes_of(part));
  const double without_meaning = seen_in(*classifier, fakes_of(shuffled(part)));
  CAPTURE(reals, fakes, without_meaning);
  CHECK(reals >= 0.9);
  CHECK(fakes >= 0.9);
  CHECK(without_meaning >= 0.4);
  CHECK(without_meaning <= 0.6);
}
