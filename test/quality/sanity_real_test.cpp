// Which features put known sets of real X-rays in order: the table of docs/quality.md.
#include "test/quality/sanity_support.h"

#include <catch2/catch.hpp>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/image_features.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/settings.h>

#include "test/data/support.h"
#include "test/places.h"

using namespace ganymede;
using namespace ganymede::quality;
using test::AuditImages;
using test::Projection;

namespace {

constexpr int side = 128, input = 64;

/// Normal chests that a generator would learn from.
AuditImages training_normals(const Dataset& dataset) {
  const auto patients = group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  AuditImages normals(side);
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    if (dataset.samples[i].label == "NORMAL" && dataset.samples[i].split == "train")
      normals.add(load_image(dataset, dataset.samples[i]), patients[i]);
  return normals;
}

/// Every `of`-th image of the published test folder from `first` on, both classes.
ResidentSet tested(const Dataset& dataset, std::size_t first, std::size_t of) {
  AuditImages images(input);
  ResidentSet set;
  for (std::size_t i = 0, seen = 0; i < dataset.samples.size(); ++i) {
    if (dataset.samples[i].split != "test" || seen++ % of != first) continue;
    images.add(load_image(dataset, dataset.samples[i]), 0);
    set.labels.push_back(dataset.samples[i].class_index);
  }
  std::vector<std::uint8_t> bytes;
  for (float v : images.pixels) bytes.push_back(std::uint8_t(std::lround(255 * v)));
  set.images = Tensor::from(bytes, {images.count(), input, input, 1});
  return set;
}

/// A small classifier of the two classes that has seen none of the training folder's images.
std::string fitted_classifier(const Dataset& dataset, const std::string& name,
                              const std::string& path) {
  SavedClassifier saved{
      .network = {}, .recipe = Recipe::shipped("cxr-dcgan128"), .classes = dataset.classes};
  saved.recipe.apply_quick();
  saved.network = make_classifier(saved.recipe, name, 1, 2, Rng(1, "sanity"));
  ClassifierOptions options = classifier_options(saved.recipe);
  options.balanced_sampling = true;
  options.steps = 200;
  options.evaluate_every = 50;
  const auto fit = train_classifier(
      *saved.network, ResidentSet(tested(dataset, 0, 2)), ResidentSet(tested(dataset, 1, 2)),
      options,
      [](const std::vector<float>& p, const std::vector<std::int32_t>& labels) {
        std::vector<double> scores;
        for (std::size_t i = 0; i < labels.size(); ++i) scores.push_back(p[2 * i + 1]);
        return auc(scores, std::vector<int>(labels.begin(), labels.end()), 1);
      },
      1, "sanity");
  CHECK(fit.best.validation_metric > .8);  // it knows what a chest is about
  save_classifier(saved, name, path);
  return path;
}

}  // namespace

TEST_CASE("halves are nearer than blurred halves, and these than noise: real X-rays", "[.full]") {
  const std::string root = test::real_data("chest-xray-pneumonia");
  if (root.empty()) {
    WARN("skipped: chest-xray-pneumonia is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  const AuditImages normals = training_normals(dataset);
  CHECK(normals.count() == 1341);
  std::string rows;
  const auto add = [&](const std::string& name, const auto& features, bool frechet) {
    const SanityTable table = test::table_of(normals, 4, features);
    INFO(name << "\n" << table.rows(name));
    CHECK(table.frechet.has_value() == frechet);
    CHECK(table.kid.holds());
    CHECK(table.frechet.value_or(table.kid).holds());
    rows += table.rows(name);
  };
  for (const int pixels : {16, 64})
    add(
        "raw pixels, " + std::to_string(pixels) + "x" + std::to_string(pixels),
        [&](const AuditImages& of) { return test::pixels_of(of, pixels); }, pixels == 16);
  const Projection projection(side * side, 128);
  add(
      "random projection of 128x128 pixels, rectified",
      [&](const AuditImages& of) { return projection.of(of, false); }, true);
  const auto by = [](const std::shared_ptr<FeatureExtractor>& extractor) {
    return [extractor](const AuditImages& of) { return image_features(*extractor, of.set()); };
  };
  add("oriented gradients, 64x64", by(test::gradients_for(normals)), true);
  const test::TemporaryFolder folder;
  for (const std::string name : {"resnet18", "densenet121"}) {
    const std::string judge = fitted_classifier(dataset, name, folder / (name + ".h5"));
    add(name + " of width .25 fitted on the test folder, before its last stage",
        by(network_features(judge)), true);
  }
  WARN(sanity_table_head << rows);
}
