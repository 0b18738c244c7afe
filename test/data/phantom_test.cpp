#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <numeric>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::area_apart;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

double mean(const Image& image) {
  double sum = 0;
  for (std::size_t i = 0; i < image.size(); ++i) sum += image.value(i);
  return sum / double(image.size());
}

double deviation(const Image& image) {
  const double centre = mean(image);
  double sum = 0;
  for (std::size_t i = 0; i < image.size(); ++i) sum += std::pow(image.value(i) - centre, 2);
  return std::sqrt(sum / double(image.size()));
}

double extreme(const Image& image, bool largest) {
  const auto [low, high] = std::minmax_element(image.bytes().begin(), image.bytes().end());
  return largest ? *high : *low;
}

}  // namespace

TEST_CASE("phantoms are functions of seed, class and index") {
  const PhantomOptions options = parse_phantom("phantom:head-ct?n=3&size=64&seed=9");
  const Phantom a = make_phantom(options, 1, 2);
  CHECK(a.image == make_phantom(options, 1, 2).image);
  CHECK_FALSE(a.image == make_phantom(options, 1, 1).image);
  CHECK(parse_phantom(path_of(options)).seed == 9);
  CHECK(std::max(a.image.height(), a.image.width()) <= 64);
  const Dataset dataset = open_dataset("phantom:head-ct?n=3&size=64&seed=9");
  CHECK(dataset.samples.size() == 6);
  CHECK(load_image(dataset, dataset.samples[5]) == a.image);
  CHECK(dataset.samples[5].label == "hemorrhage");
}

TEST_CASE("the truth marks the bleeding and nothing else") {
  const PhantomOptions options;
  for (int index = 0; index < 12; ++index) {
    const Phantom normal = make_phantom(options, 0, index), sick = make_phantom(options, 1, index);
    CHECK(mean(normal.mask) == 0);
    double inside = 0, outside = 0, marked = 0;
    for (std::size_t i = 0; i < sick.image.size(); ++i) {
      const bool blood = sick.mask.value(i) > 0;
      marked += blood;
      (blood ? inside : outside) += sick.image.value(i);
    }
    CHECK(marked > 20);
    CHECK(inside / marked > 1.2 * outside / (double(sick.image.size()) - marked));
  }
}

TEST_CASE("no background statistic gives the label away") {
  const Dataset dataset = open_dataset("phantom:head-ct?n=200&size=64");
  const std::vector<std::function<double(const Image&)>> statistics{
      mean, deviation, [](const Image& image) { return extreme(image, false); },
      [](const Image& image) { return extreme(image, true); },
      [](const Image& image) { return double(image.width()) / image.height(); }};
  for (const auto& statistic : statistics) {
    std::vector<double> values[2];
    for (const Sample& sample : dataset.samples)
      values[sample.class_index].push_back(statistic(*sample.memory));
    CHECK(area_apart(values[0], values[1]) < 0.65);
  }
}

TEST_CASE("difficulty takes contrast away") {
  const auto difference = [](double difficulty) {
    PhantomOptions options;
    options.size = 64, options.difficulty = difficulty;
    double sum = 0;
    for (int index = 0; index < 20; ++index) {
      const Phantom phantom = make_phantom(options, 1, index);
      double blood = 0, marked = 0;
      for (std::size_t i = 0; i < phantom.image.size(); ++i)
        if (phantom.mask.value(i) > 0) blood += phantom.image.value(i), ++marked;
      sum += marked > 0 ? blood / marked : 0;
    }
    return sum / 20;
  };
  CHECK(difference(1) > difference(3) + 20);
}

TEST_CASE("shuffled labels keep images and counts") {
  const Dataset plain = open_dataset("phantom:head-ct?n=50&size=32");
  const Dataset shuffled = open_dataset("phantom:head-ct?n=50&size=32&shuffle_labels=1");
  int same = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(*plain.samples[i].memory == *shuffled.samples[i].memory);
    same += plain.samples[i].label == shuffled.samples[i].label;
  }
  CHECK(class_counts(shuffled) == std::vector<int>{50, 50});
  CHECK(same > 30);
  CHECK(same < 70);
}

TEST_CASE("a phantom written in each layout is opened as that layout") {
  PhantomOptions options;
  options.per_class = 4, options.size = 48;
  for (const char* layout : {"folders", "labels.csv", "head-ct-hemorrhage"}) {
    const TemporaryFolder folder;
    write_phantom(options, folder / "set", layout);
    const Dataset dataset = open_dataset(folder / "set");
    CHECK(dataset.layout == layout);
    CHECK(class_counts(dataset) == std::vector<int>{4, 4});
    for (const Sample& sample : dataset.samples) {
      const int number = std::stoi(fs::path(sample.path).stem().string());
      CHECK(sample.class_index == number % 2);
      CHECK(to_grey(load_image(dataset, sample)) ==
            make_phantom(options, number % 2, number / 2).image);
    }
    const Table truth = read_table(folder / "set/truth.csv");
    CHECK(truth.rows.size() == 8);
    CHECK(truth.rows[0][1] == "0");
    CHECK(std::stoi(truth.rows[1][1]) > 0);
    CHECK_THROWS_AS(write_phantom(options, folder / "set", layout), FileError);
  }
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_phantom(options, folder / "set", "dicom"), SettingError);
}

TEST_CASE("bad phantom paths are refused with what there is") {
  const auto refusal = [](const std::string& path) {
    return message_of<SettingError>([&] { parse_phantom(path); });
  };
  CHECK(refusal("phantom:knee") ==
        "phantom:knee: no such phantom; there are head-ct, chest-xray, fundus");
  CHECK(refusal("phantom:chest-xrays?n=3") ==
        "phantom:chest-xrays: no such phantom; did you mean 'chest-xray'? there are head-ct, "
        "chest-xray, fundus");
  CHECK(refusal("phantom:head-ct?m=3").find("'m'") != std::string::npos);
  CHECK(refusal("phantom:head-ct?dificulty=3").find("did you mean 'difficulty'? there are n, ") !=
        std::string::npos);
  CHECK_THROWS_AS(parse_phantom("phantom:head-ct?n=0"), SettingError);
  CHECK_THROWS_AS(parse_phantom("phantom:head-ct?n=many"), SettingError);
  CHECK_THROWS_AS(parse_phantom("phantom:head-ct?seed=-1"), SettingError);
  CHECK_THROWS_AS(parse_phantom("phantom:head-ct?shuffle_labels"), SettingError);
}

TEST_CASE("a phantom has no window, and neither a slip in one nor one that says nothing passes") {
  const std::string path = "phantom:head-ct?n=2&size=40";
  const auto refusal = [&](const std::string& window) {
    return message_of<SettingError>([&] { open_dataset(path, {.window = window}); });
  };
  CHECK(refusal("bonee").starts_with("data.window = 'bonee': expected paper, brain"));
  CHECK(refusal("bone").starts_with("data.window = 'bone' (--window): only DICOM images have"));
  CHECK_NOTHROW(open_dataset(path, {.window = "brain"}));
  CHECK_NOTHROW(open_dataset(path, {.window = "bone", .unused = Unused::ignore}));
}

TEST_CASE("phantoms hold no duplicates") {
  const Dataset dataset = open_dataset("phantom:head-ct?n=60&size=64");
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.empty());
  CHECK(duplicates.near.empty());
}
