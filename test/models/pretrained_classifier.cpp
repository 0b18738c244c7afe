// Classifiers that begin with weights of elsewhere: all of them or an error, and the input that
// they were trained on.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/weights.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

std::unique_ptr<Classifier> narrow(int depth, NetworkVariant variant = NetworkVariant::keras,
                                   int classes = 2) {
  return make_resnet(depth, {.classes = classes, .width = 0.0625f, .variant = variant},
                     Rng(1, "narrow"));
}

void save_weights(const std::string& path, Module& network) {
  CheckpointWriter writer;
  writer.add_root_network("classifier", network, {1, 32, 32, 1});
  std::move(writer).save(path);
}

/// Fills `network` from the file as a study does.
void begin_with(const std::string& path, Module& network) {
  const WeightReport report = load_weights(path, network, {.head = "predictions"});
  refuse_partly_loaded(path, report, {"resnet34", "predictions", "take its own"});
}

Recipe colour_recipe(const std::string& scaling) {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  recipe.set("classifier.width=0.125");
  recipe.set("classifier.input=32");
  recipe.set("classifier.scaling=" + scaling);
  return recipe;
}

std::unique_ptr<Classifier> colour_network(const Recipe& recipe, const std::string& network) {
  return make_classifier(recipe, network, 3, 2, Rng(5, "net"));
}

/// Bytes in [0, 255] as a network of ImageNet wants them, by hand.
template <class Value>
Tensor by_hand(const std::vector<float>& bytes, const Shape& shape, bool bgr, const Value& value) {
  std::vector<float> values;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t c = i % 3;
    values.push_back(value(bytes[bgr ? i - c + 2 - c : i], c));
  }
  return Tensor::from(values, shape);
}

void check_close(const Var& got, const Var& wanted) {
  const std::vector<float> a = got.value().host(), b = wanted.value().host();
  REQUIRE(a.size() == b.size());
  float error = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error = std::max(error, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  CHECK(largest > 1e-3f);
  CHECK(error < 1e-4f * largest);
}

}  // namespace

TEST_CASE("weights of a shallower or a deeper network are refused, heads are not") {
  const Folder folder;
  const std::string path = folder.file("weights.h5");
  const auto other = narrow(34);
  SECTION("the file lacks layers") {
    save_weights(path, *narrow(18));
    CHECK_THROWS_AS(begin_with(path, *other), FormatError);
    CHECK_THROWS_WITH(begin_with(path, *other),
                      Contains("weights '" + path + "' are not those of resnet34: ") &&
                          Contains("'conv2_block3_1_conv/kernel'") &&
                          Contains("more are missing") && Contains("mend: take its own"));
  }
  SECTION("the file has more layers") {
    save_weights(path, *other);
    CHECK_THROWS_WITH(begin_with(path, *narrow(18)), Contains("'conv2_block3_1_bn/beta'") &&
                                                         Contains("more are in the file only"));
  }
  SECTION("the other variant's biases") {
    save_weights(path, *other);
    CHECK_THROWS_WITH(begin_with(path, *narrow(34, NetworkVariant::torchvision)),
                      Contains("'conv1_conv/bias'") && Contains("in the file only"));
    save_weights(path, *narrow(34, NetworkVariant::torchvision));
    CHECK_THROWS_WITH(begin_with(path, *other),
                      Contains("'conv1_conv/bias'") && Contains("are missing"));
  }
  SECTION("other classes") {
    save_weights(path, *narrow(34, NetworkVariant::keras, 7));
    CHECK_NOTHROW(begin_with(path, *other));
  }
}

TEST_CASE("a head of another name does not matter, one weight is named alone") {
  WeightReport report{.loaded = {"conv1_conv/kernel", "bn/gamma"},
                      .missing = {"predictions/kernel", "predictions/bias"},
                      .unused = {"probs/kernel", "fc1000/bias", "dense_1/kernel"},
                      .skipped = {}};
  const WeightOwner owner{"resnet50", "predictions", "take another"};
  CHECK_NOTHROW(refuse_partly_loaded("f.h5", report, owner));
  report.unused.push_back("conv1_conv/bias");
  report.missing.push_back("bn/beta");
  CHECK_THROWS_WITH(refuse_partly_loaded("f.h5", report, owner),
                    Contains("weights 'f.h5' are not those of resnet50: 'bn/beta' is missing, "
                             "'conv1_conv/bias' is in the file only; mend: take another"));
}

TEST_CASE("classifier.scaling: a network sees images as its ImageNet weights were trained") {
  const Shape shape{2, 32, 32, 3};
  HostRng numbers(3, "pixels");
  std::vector<float> bytes(std::size_t(shape.elements()));
  for (float& b : bytes) b = float(numbers.below(256));
  const Tensor images =
      by_hand(bytes, shape, false, [](float b, std::size_t) { return b / 127.5f - 1; });
  const auto centred = [](float b, std::size_t c) {
    constexpr float means[]{103.939f, 116.779f, 123.68f};
    return b - means[c];
  };
  const auto standard = [](float b, std::size_t c) {
    constexpr float mean[]{0.485f, 0.456f, 0.406f}, deviation[]{0.229f, 0.224f, 0.225f};
    return (b / 255 - mean[c]) / deviation[c];
  };
  const auto check = [&](const std::string& name, const std::string& variant, const Tensor& x) {
    Recipe scaling = colour_recipe("imagenet"), none = colour_recipe("none");
    for (Recipe* recipe : {&scaling, &none}) recipe->set("classifier.variant=" + variant);
    const auto network = colour_network(scaling, name), plain = colour_network(none, name);
    INFO(name << " " << variant);
    check_close(network->features(images, Mode::inference), plain->features(x, Mode::inference));
    check_close(network->middle_features(images, Mode::inference),
                plain->middle_features(x, Mode::inference));
    check_close(network->forward(images, Mode::inference), plain->forward(x, Mode::inference));
  };
  check("resnet18", "torchvision", by_hand(bytes, shape, false, standard));
  check("densenet121", "keras", by_hand(bytes, shape, false, standard));
  check("resnet18", "keras", by_hand(bytes, shape, true, centred));
  CHECK_THROWS_WITH(make_classifier(colour_recipe("imagenet"), "resnet18", 1, 2, Rng(5, "net")),
                    Contains("data.channels = 3"));
}

TEST_CASE("classifier.scaling: a saved classifier keeps it") {
  const Folder folder;
  const std::string path = folder.file("resnet18.h5");
  SavedClassifier saved{.network = nullptr,
                        .recipe = colour_recipe("imagenet"),
                        .classes = {"a", "b"},
                        .channels = 3};
  saved.network = colour_network(saved.recipe, "resnet18");
  save_classifier(saved, "resnet18", path);
  HostRng numbers(3, "pixels");
  std::vector<std::uint8_t> bytes(2 * 32 * 32 * 3);
  for (std::uint8_t& b : bytes) b = std::uint8_t(numbers.below(256));
  const Tensor images = Tensor::from(bytes, {2, 32, 32, 3});
  const std::vector<float> expected = predict(*saved.network, images, 32);
  CHECK(predict(*load_classifier(path).network, images, 32) == expected);
  CHECK(predict(*colour_network(colour_recipe("none"), "resnet18"), images, 32) != expected);
}
