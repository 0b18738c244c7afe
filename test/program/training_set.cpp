// What the arms of a study train on, and for how long.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <ganymede/data/copies.h>
#include <ganymede/tools/study/training_set.h>

#include "test/program/command.h"

using namespace ganymede;
using namespace ganymede::study;

namespace {

constexpr int side = 8, classes = 5;

Image picture(int seed) {
  Image image(side, side, 3);
  HostRng rng(std::uint64_t(seed), "picture");
  for (std::uint8_t& value : image.bytes()) value = std::uint8_t(rng.bits());
  return image;
}

/// `count` training images of five classes, and as many again in the other parts.
Prepared prepared(int count) {
  Prepared p;
  p.size = p.columns = side;
  p.channels = 3;
  p.images.count = 2 * count;
  p.images.height = p.images.width = side;
  p.images.channels = 3;
  p.splits.resize(1);
  for (int k = 0; k < classes; ++k) p.dataset.classes.push_back(std::to_string(k));
  for (int i = 0; i < 2 * count; ++i) {
    Sample sample;
    sample.path = std::to_string(i) + ".png";
    sample.class_index = i % classes;
    p.dataset.samples.push_back(sample);
    const std::vector<std::uint8_t> bytes = picture(i).bytes();
    p.images.bytes.insert(p.images.bytes.end(), bytes.begin(), bytes.end());
    p.splits[0].part.push_back(i < count ? Part::train : i % 2 ? Part::validation : Part::test);
  }
  return p;
}

/// `count` kept fakes over the classes, and one more in each that was left out.
std::vector<Synthesis> fakes(int count) {
  std::vector<Synthesis> all(classes);
  for (int k = 0; k < classes; ++k) all[std::size_t(k)].of_class = k;
  for (int i = 0; i < count + classes; ++i) {
    Synthesis& s = all[std::size_t(i % classes)];
    s.images.push_back(picture(-1 - i));
    s.fakes.push_back({.path = {}, .kept = i < count, .reason = {}, .nearest = {}, .distance = 0});
  }
  return all;
}

Recipe copies_recipe() {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  for (const char* setting : {"classic.mode=copies", "classic.strengths=[1.0]"})
    recipe.set(setting);
  return recipe;
}

Context context_of(const Recipe& recipe, const Prepared& data) {
  return {nullptr, recipe, data, {}, 1, 1, 0};
}

}  // namespace

TEST_CASE("training sets: paper 001's 1,080 images and 443 fakes become 4,320 and 5,649") {
  const Prepared data = prepared(1080);
  const std::vector<Synthesis> made = fakes(443);
  const Recipe copies = copies_recipe(), online = Recipe::shipped("headct-dcgan32");
  const auto count = [&](const Recipe& recipe, const char* arm) {
    const Context c = context_of(recipe, data);
    return training_set(c, c.units()[0], arm_of(arm), made).count();
  };
  CHECK(count(copies, "none") == 1080);
  CHECK(count(copies, "classic") == 4320);
  CHECK(count(copies, "gan") == 1080 + 443);
  CHECK(count(copies, "classic+gan") == 5649);
  CHECK(count(online, "classic") == 1080);
  CHECK(count(online, "classic+gan") == 1080 + 443);
}

TEST_CASE("training sets: copies keep their labels and are the same each time") {
  const Prepared data = prepared(40);
  const Recipe recipe = copies_recipe();
  const Context c = context_of(recipe, data);
  const auto set = [&](std::uint64_t seed) {
    Unit unit = c.units()[0];
    unit.seed = seed;
    return training_set(c, unit, arm_of("classic"), {});
  };
  const ResidentSet first = set(0);
  CHECK(first.images.host<std::uint8_t>() == set(0).images.host<std::uint8_t>());
  CHECK(first.images.host<std::uint8_t>() != set(1).images.host<std::uint8_t>());
  // Class after class, image after image, its copies one after the other.
  const auto bytes = first.images.host<std::uint8_t>();
  const auto at = [&](std::size_t i) {
    const auto begin = bytes.begin() + std::ptrdiff_t(i * side * side * 3);
    return std::vector<std::uint8_t>(begin, begin + side * side * 3);
  };
  std::size_t i = 0;
  for (int k = 0; k < classes; ++k)
    for (int sample : data.samples(0, Part::train, k)) {
      for (std::size_t copy = 0; copy < 4; ++copy) CHECK(first.labels[i + copy] == k);
      CHECK(at(i) == picture(sample).bytes());
      CHECK(at(i + 1) == flipped_vertically(picture(sample)).bytes());
      i += 4;
    }
  CHECK(i == first.labels.size());
}

TEST_CASE("training steps: a number, or passes over the real images and their copies") {
  const Prepared data = prepared(1080);
  Recipe recipe = copies_recipe();
  const auto steps = [&] { return training_steps(context_of(recipe, data)); };
  CHECK(steps() == 1600);
  recipe.set("classifier.epochs=40");
  recipe.set("classifier.batch=64");
  CHECK(steps() == 2700);  // 40 x 4,320 / 64
  recipe.set("classic.mode=online");
  CHECK(steps() == 675);
  recipe.set("classifier.epochs=0.1");
  CHECK(steps() == 2);  // 108 images: rounded up
}

TEST_CASE("a study with curves writes them, and they change no other figure") {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& name, const std::string& more) {
    const std::string out = folder / name;
    ganymede_done(
        "study --data 'phantom:head-ct?n=20&size=40' --recipe headct-dcgan32 --quick --set "
        "study.arms=none,classic --set study.primary=classic,none --set study.seeds=2 --set "
        "classifier.input=32 --set classifier.width=0.125 --set classifier.evaluate_every=2 --set "
        "classic.mode=copies --set classic.strengths=[1] --set classifier.epochs=0.5 --set "
        "classifier.sampling=balanced --set classifier.class_weights=balanced --device cpu --out " +
        out + more);
    return run_json(out);
  };
  auto with = run("with", " --set study.curves=true"), without = run("without", "");
  for (const char* arm : {"none", "classic"}) {
    auto& record = with["arms"][arm]["resnet18"];
    const auto curve = record["curve"];
    const int steps = record["steps"], images = record["training_images"];
    CHECK(curve["step"].back() == steps);
    CHECK(curve["epoch"].back() == Approx(16.0 * steps / images));
    for (const char* part : {"train", "validation", "test"}) {
      CHECK(curve[part].size() == curve["step"].size());
      for (double accuracy : curve[part]) CHECK((accuracy >= 0 && accuracy <= 1));
    }
    record.erase("curve");
  }
  CHECK(with["arms"]["classic"]["resnet18"]["training_images"] ==
        4 * with["arms"]["none"]["resnet18"]["training_images"].get<int>());
  CHECK(with["arms"] == without["arms"]);
  CHECK(with["verdict"] == without["verdict"]);
}
