#include <catch2/catch.hpp>

#include <map>
#include <set>

#include <ganymede/data/allocate.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/split.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

using Counts = std::array<std::vector<int>, 3>;

/// Samples without files: sizes[c] of class c.
Dataset bare(const std::vector<int>& sizes) {
  Dataset dataset;
  dataset.root = "bare";
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    dataset.classes.push_back("c" + std::to_string(c));
    for (int i = 0; i < sizes[c]; ++i) {
      Sample sample;
      sample.path = dataset.classes.back() + "/" + std::to_string(i) + ".png";
      sample.label = dataset.classes.back();
      sample.class_index = static_cast<int>(c);
      dataset.samples.push_back(sample);
    }
  }
  return dataset;
}

/// Consecutive samples share a group, `size` at a time.
std::vector<int> grouped(std::size_t count, int size) {
  std::vector<int> groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back(static_cast<int>(i) / size);
  return groups;
}

bool kept_together(const std::vector<int>& groups, const std::vector<Part>& parts) {
  std::map<int, std::set<Part>> seen;
  for (std::size_t i = 0; i < groups.size(); ++i) seen[groups[i]].insert(parts[i]);
  for (const auto& [group, where] : seen)
    if (where.size() > 1) return false;
  return true;
}

}  // namespace

TEST_CASE("200 head slices split into 144, 34 and 22 for every seed") {
  const Dataset dataset = bare({100, 100});
  std::vector<int> groups = grouped(200, 1);
  groups[189] = groups[188], groups[199] = groups[198], groups[61] = groups[11];
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Split split = stratified_split(dataset, groups, seed);
    CHECK(part_counts(dataset, split) == Counts{{{72, 72}, {17, 17}, {11, 11}}});
    CHECK(kept_together(groups, split.part));
  }
  CHECK(stratified_split(dataset, groups, 1).part == stratified_split(dataset, groups, 1).part);
  CHECK(stratified_split(dataset, groups, 1).part != stratified_split(dataset, groups, 2).part);
}

TEST_CASE("the split of a seed is the same on every machine") {
  const Split split = stratified_split(bare({10, 10}), grouped(20, 1), 1);
  std::string parts;
  for (Part part : split.part) parts += name_of(part)[1];  // r, a, e
  CHECK(parts == "rerarrarrrrarrraerrr");
}

TEST_CASE("each sample lands in each part as often as its share says") {
  const Dataset dataset = bare({20, 20});
  std::vector<int> in_test(40, 0);
  for (std::uint64_t seed = 0; seed < 600; ++seed)
    for (int i : stratified_split(dataset, grouped(40, 2), seed).indices(Part::test)) ++in_test[i];
  for (int count : in_test) CHECK(std::abs(count - 60) < 40);  // 10 %, five deviations
}

TEST_CASE("large and mixed groups stay whole, counts stay near") {
  const Dataset dataset = bare({150, 60});
  for (int size : {3, 7, 14}) {
    const std::vector<int> groups = grouped(210, size);
    const Split split = stratified_split(dataset, groups, 5);
    CHECK(kept_together(groups, split.part));
    const Counts counts = part_counts(dataset, split);
    CHECK(std::abs(counts[0][0] - 108) <= size);
    CHECK(std::abs(counts[1][0] - 26) <= size);
    CHECK(counts[2][1] > 0);
  }
}

TEST_CASE("shares become whole numbers") {
  CHECK(apportion(100, {.72, .17, .11}) == std::vector<int>{72, 17, 11});
  CHECK(apportion(4, {.72, .17, .11}) == std::vector<int>{2, 1, 1});
  CHECK(apportion(2, {.72, .17, .11}) == std::vector<int>{2, 0, 0});
  CHECK(apportion(10, {.8, 0, .2}) == std::vector<int>{8, 0, 2});
  CHECK_THROWS_AS(stratified_split(bare({4}), grouped(4, 1), 1, {.5, .5, .5}), SettingError);
}

TEST_CASE("folds test every sample once, grouped and stratified") {
  const Dataset dataset = bare({100, 50});
  const std::vector<int> groups = grouped(150, 2);
  const std::vector<int> folds = stratified_folds(dataset, groups, 5, 3);
  std::vector<int> tested(150, 0);
  for (int fold = 0; fold < 5; ++fold) {
    const Split split = fold_split(dataset, groups, folds, fold, 3);
    CHECK(kept_together(groups, split.part));
    const Counts counts = part_counts(dataset, split);
    CHECK(counts[2] == std::vector<int>{20, 10});
    CHECK(std::abs(counts[1][0] - 15) <= 1);
    for (int i : split.indices(Part::test)) ++tested[i];
  }
  CHECK(tested == std::vector<int>(150, 1));
  CHECK_THROWS_AS(stratified_folds(dataset, groups, 1, 3), SettingError);
  CHECK_THROWS_AS(stratified_folds(bare({3, 9}), grouped(12, 1), 5, 3), DataError);
}

TEST_CASE("a published split is kept, straddlers are named, validation comes from train") {
  Dataset dataset = bare({20, 20});
  for (std::size_t i = 0; i < 40; ++i) dataset.samples[i].split = i % 4 == 0 ? "test" : "train";
  std::vector<int> groups = grouped(40, 1);
  groups[1] = groups[0];
  const Split split = published_split(dataset, groups, 1);
  REQUIRE(split.straddling.size() == 1);
  CHECK(split.straddling[0].find("c0/0.png (test), c0/1.png (") == 0);
  CHECK(split.indices(Part::test).size() == 10);
  CHECK(part_counts(dataset, split)[1] == std::vector<int>{3, 3});
  dataset.samples[5].split = "";
  CHECK(message_of<DataError>([&] { published_split(dataset, groups, 1); }).find("c0/5.png") !=
        std::string::npos);
  for (Sample& sample : dataset.samples) sample.split = "train";
  CHECK(message_of<DataError>([&] { published_split(dataset, groups, 1); }).find("no test part") !=
        std::string::npos);
}

TEST_CASE("split.csv is read back") {
  const TemporaryFolder folder;
  const Dataset dataset = bare({30, 30});
  const Split split = stratified_split(dataset, grouped(60, 2), 4);
  write_split(folder / "split.csv", dataset, split);
  CHECK(read_split(folder / "split.csv", dataset, split.group).part == split.part);
  CHECK_THROWS_AS(read_split(folder / "split.csv", bare({31, 30}), grouped(61, 1)), DataError);
}

TEST_CASE("the real head CT set splits as the paper's") {
  const std::string root = test::real_data("head-ct-hemorrhage");
  if (root.empty()) {
    WARN("skipped: head-ct-hemorrhage is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  CHECK(dataset.layout == "head-ct-hemorrhage");
  const Duplicates duplicates = find_duplicates(dataset, fingerprints(dataset));
  const Split split = stratified_split(dataset, group_samples(dataset, duplicates), 1);
  CHECK(part_counts(dataset, split) == Counts{{{72, 72}, {17, 17}, {11, 11}}});
  CHECK(split.part[188] == split.part[189]);
  CHECK(split.part[198] == split.part[199]);
  CHECK(split.part[11] == split.part[61]);
}
