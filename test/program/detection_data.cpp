// What detectors and the GAN that augments for them learn from: one class, nothing of a test image,
// and only what was found for the same images.

#include <catch2/catch.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/study/detection/augmentation_inputs.h>
#include <ganymede/tools/study/detection/search.h>
#include <ganymede/tools/study/training_set.h>

#include "test/program/command.h"

using Catch::Contains;
using Catch::EndsWith;
using namespace ganymede;
using namespace ganymede::study;
namespace fs = std::filesystem;

namespace {

Recipe small_recipe() {
  Recipe recipe = Recipe::shipped("cxr-iagan64");
  for (const char* setting : {"data.counts=none", "data.size=16", "detect.train_class=normal"})
    recipe.set(setting);
  return recipe;
}

Prepared chests(const Recipe& recipe, const std::string& set, const std::string& split = "") {
  return prepare_data({.path = set, .groups = "", .split = split}, recipe, 1, 0);
}

/// Otherwise saved: close to invisible.
Image disturbed(Image image) {
  for (std::size_t i = 0; i < image.size(); i += 3) image.set(i, image.value(i) + 2.0);
  return image;
}

/// Gives the queries themselves back, two at a time.
const Finder echo{
    [](const Tensor& queries, std::int64_t, const LatentSearch::Progress&) {
      return LatentMatches{std::vector<LatentMatch>(std::size_t(queries.shape()[0])), {}, queries};
    },
    2, 1};

}  // namespace

TEST_CASE("detectors learn one class of a split that was given, too") {
  const TemporaryFolder folder;
  const std::string set = "phantom:chest-xray?n=12&size=32";
  const char* const words[] = {"train", "validation", "test"};
  std::string parts = "image,split\n";
  const Dataset dataset = open_dataset(set);  // the classes in turn
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    parts += dataset.samples[i].path + "," + words[i / 2 % 3] + "\n";
  write_text(folder / "parts.csv", parts);
  const Recipe recipe = small_recipe();
  const Prepared data = chests(recipe, set, folder / "parts.csv");
  const Context c{nullptr, recipe, data, {}, 1, 1, 0};
  const int learnt = learnt_class(data, recipe);
  CHECK(training_set(c, c.units()[0], arm_of("none"), {}).labels ==
        std::vector<std::int32_t>(4, learnt));
  CHECK(data.samples(0, Part::validation) == data.samples(0, Part::validation, learnt));
  CHECK(data.samples(0, Part::test).size() == 8);
  CHECK(data.samples(0, Part::test, learnt).size() == 4);
  CHECK(data.samples(0, Part::rest).size() == 8);
  CHECK_THAT(data.dataset.notes,
             Catch::VectorContains(std::string(
                 "set apart (rest), as a detector learns 'normal' alone (detect.train_class): 8 "
                 "images of other classes in the given split's training and validation part")));
}

TEST_CASE("copies of test images among the unlabelled ones are left out, and that is said") {
  const TemporaryFolder folder;
  const Recipe recipe = small_recipe();
  Prepared data = chests(recipe, "phantom:chest-xray?n=40&size=48");
  const auto sample = [&](Part part, std::size_t i) {
    return data.dataset.samples[std::size_t(data.samples(0, part).at(i))];
  };
  const auto image = [&](Part part, std::size_t i) {
    return load_image(data.dataset, sample(part, i));
  };
  const std::string inputs = folder / "inputs";
  fs::create_directories(inputs);
  write_png(inputs + "/learnt.png", image(Part::train, 0));
  write_png(inputs + "/same.png", image(Part::test, 0));
  write_png(inputs + "/near.png", disturbed(image(Part::test, 1)));
  const UnlabelledInputs found = unlabelled_inputs(inputs, recipe, data);
  REQUIRE(found.images.size() == 1);
  CHECK_THAT(found.images[0].path, EndsWith("inputs/learnt.png"));
  REQUIRE(data.dataset.skipped.size() == 2);  // in the order of the names
  CHECK_THAT(data.dataset.skipped[0].path, EndsWith("inputs/near.png"));
  CHECK(data.dataset.skipped[0].reason == "a copy of the test image " + sample(Part::test, 1).path);
  CHECK(data.dataset.skipped[1].reason == "a copy of the test image " + sample(Part::test, 0).path);
  CHECK_THAT(data.dataset.notes.back(), Contains("copies of test images: 2 of 3 images"));

  // What a continued run compares is the images, not where they lie.
  CHECK(found.setting.name == "inputs");
  CHECK_THAT(found.setting.in_words, Contains("3 images of "));
  fs::rename(inputs, folder / "moved");
  CHECK(unlabelled_inputs(folder / "moved", recipe, data).setting.value == found.setting.value);
  write_png(folder / "moved/learnt.png", image(Part::train, 1));
  CHECK(unlabelled_inputs(folder / "moved", recipe, data).setting.value != found.setting.value);
}

TEST_CASE("a search that found more than is asked for now is of other images") {
  const TemporaryFolder folder;
  const Recipe recipe = small_recipe();
  const Prepared data = chests(recipe, "phantom:chest-xray?n=12&size=32");
  const RunFolder run = RunFolder::open(folder / "run", recipe, {});
  const auto find = [&](const std::vector<int>& samples) {
    return find_images(run, "search/gan/seed0", "test", echo, data, data.images_of(samples));
  };
  CHECK(find({0, 1}).images.size() == 2);
  CHECK(find({0, 1, 2, 3}).images.size() == 4);  // goes on
  CHECK_THROWS_AS(find({0, 1, 2}), DataError);
  CHECK_THROWS_WITH(find({0, 1, 2}), Contains("search/gan/seed0/found.csv has 4 rows, but 3 images "
                                              "were to be found") &&
                                         EndsWith("to search again"));
}

TEST_CASE("a batch that no one picture holds is found again", "[detection]") {
  const TemporaryFolder folder;
  const Recipe recipe = small_recipe();
  const Prepared data = chests(recipe, "phantom:chest-xray?n=12&size=32");
  const RunFolder run = RunFolder::open(folder / "run", recipe, {});
  Finder finder = echo;
  finder.batch = 1100;
  REQUIRE(finder.batch * data.images.height > max_image_side);
  std::vector<int> samples(1400);
  for (int i = 0; i < 1400; ++i) samples[std::size_t(i)] = i % 20;
  const std::vector<Image> queries = data.images_of(samples);
  const auto find = [&] { return find_images(run, "search", "test", finder, data, queries); };
  const Found first = find(), again = find();
  REQUIRE(again.images.size() == 1400);
  for (std::size_t i = 0; i < 1400; i += 37) {
    INFO(i);
    CHECK(again.images[i].at(5, 7) == first.images[i].at(5, 7));
    CHECK(again.images[i].at(5, 7) == queries[i].at(5, 7));
  }
}
