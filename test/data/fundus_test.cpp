#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <set>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/split.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>

#include "grades_support.h"

using namespace ganymede;
using ganymede::test::area_apart;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::skipped;
using ganymede::test::TemporaryFolder;
using ganymede::test::Words;

namespace {

double mean_of(const Image& image, int channel) {
  double sum = 0;
  for (std::size_t i = channel; i < image.size(); i += image.channels()) sum += image.value(i);
  return sum * image.channels() / double(image.size());
}

int marked(const Phantom& phantom) {
  int pixels = 0;
  for (std::size_t i = 0; i < phantom.mask.size(); ++i) pixels += phantom.mask.value(i) > 0;
  return pixels;
}

PhantomOptions fundus(int size) {
  PhantomOptions options;
  options.kind = "fundus", options.size = size;
  return options;
}

/// Index and label of the sample whose file this is, by the order of the paths in truth.csv.
std::map<std::string, int> written_order(const std::string& folder) {
  std::map<std::string, int> place;
  const Table truth = read_table(folder + "/truth.csv");
  for (std::size_t i = 0; i < truth.rows.size(); ++i) place[truth.rows[i][0]] = static_cast<int>(i);
  return place;
}

}  // namespace

TEST_CASE("fundus phantoms: five grades in colour, functions of seed, grade and index") {
  const Dataset dataset = open_dataset("phantom:fundus?n=3&size=64&seed=9");
  CHECK(dataset.classes == Words{"0", "1", "2", "3", "4"});
  CHECK(class_counts(dataset) == std::vector<int>(5, 3));
  const Sample& sample = dataset.samples[13];  // grade 3, index 2
  CHECK(sample.label == "3");
  CHECK(sample.header.channels == 3);
  CHECK(std::max(sample.header.height, sample.header.width) <= 64);
  const PhantomOptions options = parse_phantom("phantom:fundus?n=3&size=64&seed=9");
  const Phantom phantom = make_phantom(options, 3, 2);
  CHECK(*sample.memory == phantom.image);
  CHECK(phantom.image == make_phantom(options, 3, 2).image);
  CHECK_FALSE(phantom.image == make_phantom(options, 3, 1).image);
  CHECK_FALSE(phantom.image == make_phantom(options, 2, 2).image);
  // Indices 0 and 1 are the eyes of one person, 2 is alone.
  CHECK(dataset.samples[3].patient == dataset.samples[8].patient);
  CHECK(dataset.samples[3].patient != dataset.samples[13].patient);
  CHECK(dataset.samples[3].patient != dataset.samples[4].patient);
}

TEST_CASE("a fundus photograph is round, bright and red, on black") {
  for (int index = 0; index < 6; ++index) {
    const Image image = make_phantom(fundus(128), 0, index).image;
    const int y = image.height() / 2, x = image.width() / 2;
    CHECK(image.at(y, x, 0) > image.at(y, x, 1));
    CHECK(image.at(y, x, 1) > image.at(y, x, 2));
    CHECK(image.at(y, x, 0) > 60);
    for (int channel = 0; channel < 3; ++channel) CHECK(image.at(0, 0, channel) < 20);
  }
}

TEST_CASE("the disc lies to the right in right eyes and to the left in left ones") {
  for (int index = 0; index < 12; ++index) {
    const Image image = make_phantom(fundus(128), 0, index).image;
    double best = 0;
    int where = 0;  // the brightest patch of 7 x 7 within the middle band
    for (int y = image.height() / 4; y < 3 * image.height() / 4 - 7; ++y)
      for (int x = 0; x + 7 < image.width(); ++x) {
        double sum = 0;
        for (int k = 0; k < 49; ++k) sum += image.at(y + k / 7, x + k % 7, 1);
        if (sum > best) best = sum, where = x + 3;
      }
    INFO(index);
    CHECK((where > image.width() / 2) == (index % 2 == 0));
  }
}

TEST_CASE("lesions grow with the grade, and the truth marks each of them") {
  std::vector<double> area(5, 0);
  for (int grade = 0; grade < 5; ++grade)
    for (int index = 0; index < 40; ++index) {
      const Phantom phantom = make_phantom(fundus(96), grade, index);
      area[grade] += marked(phantom) / double(phantom.mask.size());
      CHECK((marked(phantom) > 0) == (grade > 0));
    }
  for (int grade = 1; grade < 5; ++grade) CHECK(area[grade] > 1.3 * area[grade - 1]);
}

TEST_CASE("fundus phantoms: difficulty takes contrast and lesions away") {
  const auto contrast = [](double difficulty) {
    PhantomOptions options = fundus(128);
    options.difficulty = difficulty;
    double sum = 0;
    int pixels = 0;
    for (int index = 0; index < 12; ++index) {  // grade 1: dark dots only
      const Phantom phantom = make_phantom(options, 1, index);
      for (int y = 3; y + 3 < phantom.image.height(); ++y)
        for (int x = 3; x + 3 < phantom.image.width(); ++x) {
          if (phantom.mask.at(y, x) == 0) continue;
          ++pixels;
          sum += (phantom.image.at(y - 3, x, 0) + phantom.image.at(y + 3, x, 0)) / 2.0 -
                 phantom.image.at(y, x, 0);
        }
    }
    return std::pair(sum / pixels, pixels);
  };
  const auto [easy, many] = contrast(1);
  const auto [hard, few] = contrast(6);
  CHECK(easy > 2 * hard);
  CHECK(many > few);
}

TEST_CASE("no background statistic of a fundus phantom gives the grade away") {
  const Dataset dataset = open_dataset("phantom:fundus?n=120&size=48");
  const std::vector<std::function<double(const Image&)>> statistics{
      [](const Image& image) { return mean_of(image, 0); },
      [](const Image& image) { return mean_of(image, 1); },
      [](const Image& image) { return mean_of(image, 2); },
      [](const Image& image) {
        return double(*std::max_element(image.bytes().begin(), image.bytes().end()));
      },
      [](const Image& image) { return double(image.width()); },
      [](const Image& image) { return double(image.width()) / image.height(); }};
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    std::vector<std::vector<double>> values(5);
    for (const Sample& sample : dataset.samples)
      values[sample.class_index].push_back(statistics[k](*sample.memory));
    for (int grade = 1; grade < 5; ++grade) {
      INFO("statistic " << k << ", grade " << grade);
      CHECK(area_apart(values[0], values[grade]) < 0.65);
    }
  }
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  CHECK(duplicates.exact.empty());
  CHECK(duplicates.near.empty());
}

TEST_CASE("a fundus phantom written in each layout is opened as that layout, with its labels") {
  PhantomOptions options = fundus(48);
  options.per_class = 5;
  for (const std::string layout :
       {"folders", "labels.csv", "messidor-2", "aptos", "eyepacs", "idrid"}) {
    INFO(layout);
    const TemporaryFolder folder;
    write_phantom(options, folder / "set", layout);
    const Dataset dataset = open_dataset(folder / "set");
    CHECK(dataset.layout == layout);
    CHECK(class_counts(dataset) == std::vector<int>(5, 5));
    const std::map<std::string, int> order = written_order(folder / "set");
    REQUIRE(order.size() == 25);
    for (const Sample& sample : dataset.samples) {
      const int i = order.at(sample.path);
      CHECK(sample.label == std::to_string(i % 5));
      const Image made = make_phantom(options, i % 5, i / 5).image,
                  stored = load_image(dataset, sample);
      if (file_type(sample.path) == "png") CHECK(stored == made);
      for (int channel = 0; channel < 3; ++channel)  // JPEG is near
        CHECK(std::abs(mean_of(stored, channel) - mean_of(made, channel)) < 2);
    }
  }
}

TEST_CASE("written pairs of eyes stay together, by table and by name") {
  PhantomOptions options = fundus(32);
  options.per_class = 7;
  for (const std::string layout : {"labels.csv", "messidor-2", "eyepacs"}) {
    INFO(layout);
    const TemporaryFolder folder;
    write_phantom(options, folder.path(), layout);
    for (const bool by_name : {false, true}) {
      if (by_name && layout == "messidor-2") fs::remove(folder / "messidor-2.csv");
      const Dataset dataset = open_dataset(folder.path());
      const std::map<std::string, int> order = written_order(folder.path());
      const std::vector<int> groups = group_samples(dataset, {});
      std::map<int, std::set<int>> members;  // group -> what make_phantom calls its images
      for (std::size_t i = 0; i < groups.size(); ++i)
        members[groups[i]].insert(order.at(dataset.samples[i].path));
      CHECK(members.size() == 20);  // of each grade three pairs and one alone
      for (const auto& [group, eyes] : members) {
        const int first = *eyes.begin();
        CHECK(eyes == (first / 5 == 6 ? std::set{first} : std::set{first, first + 5}));
      }
    }
  }
}

TEST_CASE("written layouts have the quirks of the published sets") {
  PhantomOptions options = fundus(32);
  options.per_class = 10;
  const TemporaryFolder folder;
  write_phantom(options, folder / "m", "messidor-2");
  const Dataset messidor = open_dataset(folder / "m");
  CHECK(skipped(messidor, "IMAGES/IM000050.JPG", "ungradable, says row 52 of messidor_data.csv"));
  CHECK(test::noted(messidor, "the file type tells the hospital"));
  std::set<std::string> endings;
  for (const Sample& sample : messidor.samples)
    endings.insert(sample.path.substr(sample.path.rfind('.')));
  CHECK(endings == std::set<std::string>{".JPG", ".PNG", ".png"});
  const Split split = counted_split(messidor, group_samples(messidor, {}), 1, {30, 0, 10},
                                    Stratify::by_class_and_type);
  CHECK(split.indices(Part::train).size() == 30);
  CHECK(split.indices(Part::test).size() == 10);

  write_phantom(options, folder / "a", "aptos");
  CHECK(skipped(open_dataset(folder / "a"), "test.csv", "the grades are in train.csv"));
  CHECK(open_dataset(folder / "a").skipped.size() == 3);  // the test image, its table, the truth

  write_phantom(options, folder / "i", "idrid");
  const Dataset idrid = open_dataset(folder / "i");
  CHECK(published_in_words(idrid) == "train 40, test 10");
  CHECK(published_split(idrid, group_samples(idrid, {}), 1).straddling.empty());
}

TEST_CASE("a layout that does not fit the kind is refused with those that do") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& path, const std::string& layout) {
    return message_of<SettingError>(
        [&] { write_phantom(parse_phantom(path), folder / "set", layout); });
  };
  CHECK(holds(refusal("phantom:fundus", "head-ct-hemorrhage"),
              "choose one of folders, labels.csv, messidor-2, aptos, eyepacs, idrid"));
  CHECK(
      holds(refusal("phantom:head-ct", "idrid"),
            "does not fit phantom:head-ct; choose one of folders, labels.csv, head-ct-hemorrhage"));
  CHECK(holds(refusal("phantom:fundus", "apto"), "; did you mean 'aptos'? choose one of folders"));
  CHECK(!fs::exists(folder / "set"));
}
