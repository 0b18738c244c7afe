#include <catch2/catch.hpp>

#include <map>
#include <set>

#include <ganymede/data/detection_split.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::holds;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

using Sizes = std::vector<int>;

/// Samples without files: sizes[c] of class c, each with a patient of its own.
Dataset strangers(const Sizes& sizes) {
  Dataset dataset = ganymede::test::bare(sizes);
  for (Sample& sample : dataset.samples) sample.patient = sample.path;
  return dataset;
}

/// Patients of 1, 2, 3, 1, 2, 3, ... images in a row, none of two classes.
void give_patients(Dataset& dataset) {
  for (std::size_t i = 0, patient = 0; i < dataset.samples.size(); ++patient)
    for (std::size_t k = 0; k <= patient % 3 && i < dataset.samples.size(); ++k, ++i)
      dataset.samples[i].patient = dataset.samples[i].label + "-" + std::to_string(patient);
}

/// Images of a class in train, validation, test and rest.
Sizes parts_of(const Dataset& dataset, const Split& split, int of_class) {
  Sizes counts(4, 0);
  for (std::size_t i = 0; i < split.part.size(); ++i)
    if (dataset.samples[i].class_index == of_class)
      ++counts[static_cast<std::size_t>(split.part[i])];
  return counts;
}

/// Groups with images in the test part and elsewhere.
int leaking(const Split& split) {
  std::map<int, std::set<bool>> tested;
  for (std::size_t i = 0; i < split.part.size(); ++i)
    tested[split.group[i]].insert(split.part[i] == Part::test);
  int leaks = 0;
  for (const auto& [group, where] : tested) leaks += where.size() > 1;
  return leaks;
}

}  // namespace

TEST_CASE("a detection split learns one class and tests all, in whole patients", "[detection]") {
  Dataset dataset = strangers({157, 426});
  give_patients(dataset);
  const std::vector<int> groups = group_samples(dataset, {});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split split = detection_split(dataset, groups, seed, 1, {326, 0, 100});
    CHECK(parts_of(dataset, split, 1) == Sizes{326, 0, 100, 0});
    CHECK(parts_of(dataset, split, 0) == Sizes{0, 0, 100, 57});
    CHECK(leaking(split) == 0);
  }
  const auto parts = [&](std::uint64_t seed) {
    return detection_split(dataset, groups, seed, 1, {326, 0, 100}).part;
  };
  CHECK(parts(3) == parts(3));
  CHECK(parts(3) != parts(4));
}

TEST_CASE("a 0 among the counts of a detection split takes what is left", "[detection]") {
  const Dataset dataset = strangers({60, 40});
  const std::vector<int> groups = group_samples(dataset, {});
  const Split split = detection_split(dataset, groups, 1, 0, {40, 0, 15});
  CHECK(parts_of(dataset, split, 0) == Sizes{40, 5, 15, 0});
  CHECK(parts_of(dataset, split, 1) == Sizes{0, 0, 15, 25});
  CHECK(split.parts().size() == 4);
  CHECK(stratified_split(dataset, groups, 1).parts().size() == 3);
}

TEST_CASE("fractions make a detection split too, with what others there are", "[detection]") {
  Dataset dataset = strangers({100, 30, 6});
  const std::vector<int> groups = group_samples(dataset, {});
  Split split = detection_split(dataset, groups, 1, 0, {}, {0.6, 0.2, 0.2});
  CHECK(parts_of(dataset, split, 0) == Sizes{60, 20, 20, 0});
  CHECK(parts_of(dataset, split, 1) == Sizes{0, 0, 17, 13});  // 20 of 36, by their sizes
  CHECK(parts_of(dataset, split, 2) == Sizes{0, 0, 3, 3});
  split = detection_split(dataset, groups, 1, 0, {}, {0.3, 0.2, 0.5});
  CHECK(parts_of(dataset, split, 1) == Sizes{0, 0, 30, 0});
  CHECK(parts_of(dataset, split, 2) == Sizes{0, 0, 6, 0});
}

TEST_CASE("patients with images of both kinds never join two parts of a detector", "[detection]") {
  Dataset dataset = strangers({50, 80});
  for (int i = 0; i < 10; ++i) dataset.samples[i].patient = dataset.samples[60 + i].patient;
  const std::vector<int> groups = group_samples(dataset, {});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split split = detection_split(dataset, groups, seed, 1, {50, 0, 30});
    const Sizes other = parts_of(dataset, split, 0);
    CHECK(other[0] + other[1] == 0);
    CHECK(leaking(split) == 0);
  }
}

TEST_CASE("a split that was made for something else keeps to the class that is learned",
          "[detection]") {
  const Dataset dataset = strangers({40, 60});
  const std::vector<int> groups = group_samples(dataset, {});
  Split split = counted_split(dataset, groups, 1, {50, 30, 20});
  const Sizes learned = parts_of(dataset, split, 1), other = parts_of(dataset, split, 0);
  CHECK(set_strangers_apart(dataset, 1, split) == other[0] + other[1]);
  CHECK(parts_of(dataset, split, 0) == Sizes{0, 0, other[2], other[0] + other[1]});
  CHECK(parts_of(dataset, split, 1) == learned);
  CHECK(set_strangers_apart(dataset, 1, split) == 0);
}

TEST_CASE("what makes no detection split is refused by its name", "[detection]") {
  const Dataset dataset = strangers({20, 40});
  const std::vector<int> groups = group_samples(dataset, {});
  const auto refusal = [&](const std::vector<double>& counts) {
    return message_of<SettingError>([&] { detection_split(dataset, groups, 1, 1, counts); });
  };
  CHECK(holds(refusal({30, 0, 20}), "class 'c1' has 40; name them all"));
  CHECK(holds(refusal({15, 0, 25}), "25 test images of the other classes too, but they have 20"));
  CHECK(holds(refusal({40, 0, 0}), "0 to test; give both parts some"));
  CHECK(holds(refusal({10.5, 0, 20}), "10.5 is no number of images, as class 'c1' has 40"));
  CHECK(holds(refusal({10, 20}), "expects three numbers"));
  CHECK_THROWS_AS(detection_split(dataset, groups, 1, 1, {}, {.5, .5, .5}), SettingError);
  CHECK_THROWS_AS(detection_split(strangers({9}), std::vector<int>(9, 0), 1, 0, {}), DataError);
}

TEST_CASE("a detection split is written and read back with its rest", "[detection]") {
  const TemporaryFolder folder;
  Dataset dataset = strangers({40, 60});
  const std::vector<int> groups = group_samples(dataset, {});
  const Split split = detection_split(dataset, groups, 4, 1, {40, 5, 15});
  write_split(folder / "split.csv", dataset, split);
  CHECK(read_split(folder / "split.csv", dataset, groups).part == split.part);
  apply_split(dataset, folder / "split.csv");
  CHECK(published_in_words(dataset) == "train 40, validation 5, test 30, rest 25");
  CHECK(published_split(dataset, groups, 9).part == split.part);
}

TEST_CASE("the real chest X-rays split as paper 002 has them", "[detection][long]") {
  const std::string root = test::real_data("chest-xray-pneumonia");
  if (root.empty()) {
    WARN("skipped: chest-xray-pneumonia is not on this machine");
    return;
  }
  Dataset dataset = open_dataset(root);
  Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  const std::vector<int> all_groups = group_samples(dataset, duplicates);
  const Split kept = detection_split(dataset, all_groups, 1, 1, {3237, 0, 1000});
  CHECK(parts_of(dataset, kept, 1) == Sizes{3237, 28, 1000, 0});
  duplicates = drop_exact_duplicates(dataset, duplicates);
  const std::vector<int> groups = group_samples(dataset, duplicates);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Split split = detection_split(dataset, groups, seed, 1, {3237, 0, 1000});
    CHECK(parts_of(dataset, split, 1) == Sizes{3237, 0, 1000, 0});
    CHECK(parts_of(dataset, split, 0) == Sizes{0, 0, 1000, 571});
    CHECK(leaking(split) == 0);
  }
}
