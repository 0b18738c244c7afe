#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <set>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/resize.h>
#include <ganymede/data/split.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>

#include "grades_support.h"

using namespace ganymede;
using ganymede::test::area_apart;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::noted;
using ganymede::test::skipped;
using ganymede::test::TemporaryFolder;
using ganymede::test::Words;

namespace {

PhantomOptions chest(int size, double difficulty = 1) {
  PhantomOptions options;
  options.kind = "chest-xray", options.size = size, options.difficulty = difficulty;
  return options;
}

/// Mean brightness of the pixels where `chosen`; -1 without one.
double mean_where(const Image& image, const std::function<bool(int y, int x)>& chosen) {
  double sum = 0, pixels = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (chosen(y, x)) sum += image.at(y, x), ++pixels;
  return pixels > 0 ? sum / pixels : -1;
}

/// A box in shares of the picture.
double box(const Image& image, double top, double bottom, double left, double right) {
  return mean_where(image, [&](int y, int x) {
    const double v = (y + 0.5) / image.height(), u = (x + 0.5) / image.width();
    return v > top && v < bottom && u > left && u < right;
  });
}

int marked(const Phantom& phantom) {
  int pixels = 0;
  for (std::size_t i = 0; i < phantom.mask.size(); ++i) pixels += phantom.mask.value(i) > 0;
  return pixels;
}

/// Mean difference per pixel; JPEGs come back a little changed.
double distance(const Image& image, const Image& other) {
  const Image grey = to_grey(image);
  REQUIRE(grey.size() == other.size());
  double sum = 0;
  for (std::size_t i = 0; i < grey.size(); ++i)
    sum += std::abs(grey.value(i) - double(other.value(i)));
  return sum / double(grey.size());
}

/// How much brighter an image is inside its mask than the mean of 40 normals at the same place.
double contrast(double difficulty) {
  const int side = 48, normals = 40;
  std::vector<double> usual(side * side, 0);
  for (int index = 0; index < normals; ++index) {
    const Image image = resize(make_phantom(chest(64), 0, index).image, side, side, Resize::area);
    for (int i = 0; i < side * side; ++i) usual[i] += image.value(i) / double(normals);
  }
  double sum = 0, pixels = 0;
  for (int index = 0; index < 40; ++index) {
    const Phantom phantom = make_phantom(chest(64, difficulty), 1, index);
    const Image image = resize(phantom.image, side, side, Resize::area),
                mask = resize(phantom.mask, side, side, Resize::area);
    for (int i = 0; i < side * side; ++i)
      if (mask.value(i) > 127) sum += image.value(i) - usual[i], ++pixels;
  }
  return sum / pixels;
}

}  // namespace

TEST_CASE("chest phantoms: grey, functions of seed, class and index, one to three of a patient") {
  const Dataset dataset = open_dataset("phantom:chest-xray?n=12&size=64&seed=9");
  CHECK(dataset.classes == Words{"normal", "pneumonia"});
  CHECK(class_counts(dataset) == std::vector<int>{12, 12});
  CHECK(positive_class(dataset, "") == 1);
  CHECK(noted(dataset, "one to three of each patient"));
  const PhantomOptions options = parse_phantom("phantom:chest-xray?n=12&size=64&seed=9");
  CHECK(*dataset.samples[7].memory == make_phantom(options, 1, 3).image);
  CHECK_FALSE(*dataset.samples[7].memory == make_phantom(options, 1, 4).image);
  CHECK_FALSE(*dataset.samples[7].memory == make_phantom(options, 0, 3).image);
  std::map<std::string, int> visits;
  for (const Sample& sample : dataset.samples) {
    ++visits[sample.patient];
    CHECK(sample.header.channels == 1);
    CHECK(std::max(sample.header.height, sample.header.width) <= 64);
    CHECK(sample.header.width >= sample.header.height);
  }
  std::map<int, int> patients_with;
  for (const auto& [patient, images] : visits) ++patients_with[images];
  CHECK(patients_with == std::map<int, int>{{1, 4}, {2, 4}, {3, 4}});
}

TEST_CASE("a chest phantom has dark lungs beside a bright heart above a bright belly") {
  for (int index = 0; index < 12; ++index) {
    INFO(index);
    const Image image = make_phantom(chest(128), 0, index).image;
    const double right = box(image, 0.35, 0.5, 0.28, 0.38),
                 left = box(image, 0.3, 0.45, 0.62, 0.72),
                 middle = box(image, 0.45, 0.65, 0.46, 0.56),
                 belly = box(image, 0.88, 1, 0.35, 0.65);
    CHECK(middle > 1.25 * right);
    CHECK(middle > 1.25 * left);
    CHECK(belly > 1.25 * right);
    CHECK(box(image, 0.2, 0.4, 0.46, 0.54) > 1.25 * right);  // what lies before the spine
  }
}

TEST_CASE("the opacities of a chest phantom are bright, lie in the lungs and are marked") {
  for (int index = 0; index < 24; ++index) {
    INFO(index);
    CHECK(marked(make_phantom(chest(96), 0, index)) == 0);
    const Phantom sick = make_phantom(chest(96), 1, index);
    CHECK(marked(sick) > 40);
    CHECK(marked(sick) < 0.4 * double(sick.mask.size()));
  }
  const double easy = contrast(1), hard = contrast(3);
  CHECK(easy > 30);
  CHECK(hard < 0.6 * easy);
}

TEST_CASE("no background statistic of a chest phantom gives the disease away") {
  const Dataset dataset = open_dataset("phantom:chest-xray?n=200&size=64");
  const std::vector<std::function<double(const Image&)>> statistics{
      [](const Image& image) { return double(image.width()); },
      [](const Image& image) { return double(image.width()) / image.height(); },
      [](const Image& image) { return box(image, 0, 0.1, 0, 1); },
      [](const Image& image) { return box(image, 0, 1, 0, 0.08); },
      [](const Image& image) { return box(image, 0, 1, 0.92, 1); },
      [](const Image& image) { return box(image, 0.92, 1, 0, 1); },
      [](const Image& image) { return double(*std::ranges::min_element(image.bytes())); },
      [](const Image& image) { return double(*std::ranges::max_element(image.bytes())); }};
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    std::vector<double> values[2];
    for (const Sample& sample : dataset.samples)
      values[sample.class_index].push_back(statistics[k](*sample.memory));
    INFO("statistic " << k);
    CHECK(area_apart(values[0], values[1]) < 0.65);
  }
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.empty());
  CHECK(duplicates.near.empty());
}

TEST_CASE("a chest phantom written in each layout is opened as that layout") {
  PhantomOptions options = chest(48);
  options.per_class = 15;
  for (const std::string layout : {"folders", "labels.csv", "chest-xray-pneumonia"}) {
    INFO(layout);
    const TemporaryFolder folder;
    write_phantom(options, folder / "set", layout);
    const Dataset dataset = open_dataset(folder / "set");
    CHECK(dataset.layout == layout);
    CHECK(class_counts(dataset) == std::vector<int>{15, 15});
    const Table truth = read_table(folder / "set/truth.csv");
    REQUIRE(truth.rows.size() == 30);
    std::map<std::string, std::string> patient_of;  // in the phantom and on disk
    for (const Sample& sample : dataset.samples) {
      std::size_t i = 0;
      while (truth.rows.at(i)[0] != sample.path) ++i;
      const int label = static_cast<int>(i % 2), index = static_cast<int>(i / 2);
      CHECK(sample.class_index == label);
      CHECK(distance(load_image(dataset, sample), make_phantom(options, label, index).image) < 4);
      if (layout == "folders") continue;
      const std::string key = open_phantom(path_of(options)).samples[i].patient;
      CHECK(patient_of.emplace(key, sample.patient).first->second == sample.patient);
    }
    std::set<std::string> patients;
    for (const auto& [key, patient] : patient_of) patients.insert(patient);
    CHECK(patients.size() == patient_of.size());
  }
}

TEST_CASE("a chest phantom in the layout of the published set brings its quirks") {
  PhantomOptions options = chest(48);
  options.per_class = 30;
  const TemporaryFolder folder;
  write_phantom(options, folder / "set", "chest-xray-pneumonia");
  const Dataset dataset = open_dataset(folder / "set");
  CHECK(published_in_words(dataset) == "train 48, test 12");
  CHECK(published_split(dataset, group_samples(dataset, {}), 1).straddling.empty());
  CHECK(skipped(dataset, "chest_xray/.DS_Store", "hidden"));
  CHECK(skipped(dataset, "__MACOSX", "archiver"));
  std::set<std::string> kinds;
  for (const Sample& sample : dataset.samples) {
    const std::string name = sample.patient;
    kinds.insert(holds(name, "bacteria") ? "bacteria"
                 : holds(name, "virus")  ? "virus"
                                         : name.substr(0, 2));
  }
  CHECK(kinds == std::set<std::string>{"IM", "NO", "bacteria", "virus"});
  CHECK(holds(message_of<SettingError>(
                  [&] { write_phantom(options, folder / "other", "head-ct-hemorrhage"); }),
              "choose one of folders, labels.csv, chest-xray-pneumonia"));
}
