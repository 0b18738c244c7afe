#include <catch2/catch.hpp>

#include <map>
#include <numeric>
#include <set>

#include <ganymede/data/allocate.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/split.h>
#include <ganymede/kernels/error.h>

#include "support.h"

using namespace ganymede;
using ganymede::test::bare;
using ganymede::test::message_of;
using ganymede::test::TemporaryFolder;

namespace {

using Counts = std::array<std::vector<int>, 3>;

/// Consecutive samples share a group, `size` at a time.
std::vector<int> grouped(std::size_t count, int size) {
  std::vector<int> groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back(static_cast<int>(i) / size);
  return groups;
}

std::vector<int> everyone(const Dataset& dataset) {
  std::vector<int> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
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
  CHECK(split.straddling[0] == "c0/0.png (test), c0/1.png (train)");
  CHECK(straddling_in_words(split.straddling) == "1 patient straddles its parts");
  CHECK(straddling_in_words({}) == "0 patients straddle its parts");
  dataset.samples[0].patient = "Ann", dataset.samples[1].patient = "Bea";
  CHECK(straddling_groups(dataset, groups)[0].find("patients Ann, Bea: c0/0.png (test), ") == 0);
  CHECK(split.indices(Part::test).size() == 10);
  CHECK(part_counts(dataset, split)[1] == std::vector<int>{3, 3});
  dataset.samples[5].split = dataset.samples[0].split = "";
  CHECK(straddling_groups(dataset, groups).empty());
  dataset.samples[0].split = "test";
  CHECK(message_of<DataError>([&] { published_split(dataset, groups, 1); }).find("c0/5.png") !=
        std::string::npos);
  for (Sample& sample : dataset.samples) sample.split = "train";
  CHECK(message_of<DataError>([&] { published_split(dataset, groups, 1); }).find("no test part") !=
        std::string::npos);
}

TEST_CASE("a published validation part that is too small joins the training part first") {
  Dataset dataset = bare({40, 60});
  for (std::size_t i = 0; i < 100; ++i)
    dataset.samples[i].split = i % 5 == 0 ? "test" : i % 20 == 1 ? "validation" : "train";
  const std::vector<int> groups = grouped(100, 1);
  const auto split_of = [&](int fewest) {
    return published_split(dataset, groups, 1, {}, Stratify::by_class, fewest);
  };
  const auto at = [&](const std::string& name) {
    std::vector<int> found;
    for (int i = 0; i < 100; ++i)
      if (dataset.samples[std::size_t(i)].split == name) found.push_back(i);
    return found;
  };
  for (int fewest : {1, 5}) CHECK(split_of(fewest).indices(Part::validation) == at("validation"));
  const Split split = split_of(6);
  CHECK(split.indices(Part::test) == at("test"));
  // 17 of 89 of what is not tested: of each class its share of 80 images.
  CHECK(part_counts(dataset, split)[1] == std::vector<int>{6, 9});
  CHECK(split.indices(Part::validation) != at("validation"));
}

TEST_CASE("a table has exactly the sums that were asked for") {
  using Table = std::vector<std::vector<int>>;
  CHECK(apportion_table({3, 5}, {4, 4}) == Table{{2, 1}, {2, 3}});
  const std::vector<int> rows{1017, 270, 347, 75, 35}, columns{1080, 264, 400};
  const Table table = apportion_table(rows, columns);
  std::vector<int> sums(3, 0);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    CHECK(std::accumulate(table[r].begin(), table[r].end(), 0) == rows[r]);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      CHECK(std::abs(table[r][c] - rows[r] * columns[c] / 1744.0) < 1);
      sums[c] += table[r][c];
    }
  }
  CHECK(sums == columns);
  CHECK(apportion_table({0, 2}, {1, 1}) == Table{{0, 0}, {1, 1}});
}

TEST_CASE("counts: every part as large as asked, classes near their share, pairs together") {
  const Dataset dataset = bare({101, 57, 11});
  std::vector<int> groups = grouped(169, 2);
  // Pairs of two classes each and of three, which fit nowhere once the bins are nearly full.
  for (int i = 0; i < 40; ++i) groups[60 + i] = 1000 + i, groups[101 + i] = 1000 + i;
  groups[168] = groups[0];
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split split = counted_split(dataset, groups, seed, {100, 0, 40});
    CHECK(split.indices(Part::train).size() == 100);
    CHECK(split.indices(Part::validation).size() == 29);
    CHECK(split.indices(Part::test).size() == 40);
    CHECK(kept_together(groups, split.part));
    const Counts counts = part_counts(dataset, split);
    CHECK(std::abs(counts[0][0] - 60) <= 2);
    CHECK(std::abs(counts[2][1] - 13) <= 2);
    CHECK(counts[1][2] > 0);
  }
  CHECK(counted_split(dataset, groups, 1, {100, 29, 40}).part ==
        counted_split(dataset, groups, 1, {100, 0, 40}).part);
  CHECK(counted_split(dataset, groups, 1, {100, 0, 40}).part !=
        counted_split(dataset, groups, 2, {100, 0, 40}).part);
}

TEST_CASE("counts that fit no split are refused with what the set has") {
  CHECK(part_sizes({1080, 0, 400}, 1744) == std::vector<int>{1080, 264, 400});
  CHECK(part_sizes({0, 200, 400}, 1744) == std::vector<int>{1144, 200, 400});
  CHECK(part_sizes({1000, 344, 400}, 1744) == std::vector<int>{1000, 344, 400});
  const auto refusal = [](const std::vector<double>& counts) {
    return message_of<SettingError>([&] { part_sizes(counts, 1744); });
  };
  CHECK(test::holds(refusal({1080, 400}), "expects three numbers"));
  CHECK(test::holds(refusal({1400, 0, 400}), "1400 + 0 + 400 images, the set has 1744"));
  CHECK(test::holds(refusal({1344, 0, 400}), "leave some for it"));
  CHECK(test::holds(refusal({1000, 100, 100}), "name them all"));
  CHECK(test::holds(refusal({1744, 0, 0}), "give one part 0"));
  CHECK(test::holds(refusal({1000.5, 0, 400}), "1000.5 is no number of images"));
  CHECK(test::holds(refusal({9000, 0, 400}), "the set has 1744"));
}

TEST_CASE("file types get their share of every part too") {
  CHECK(file_type("IMAGES/IM0012.JPG") == "jpg");
  CHECK(file_type("a.b/c.jpeg") == "jpg");
  CHECK(file_type("a.b/c") == "");
  CHECK(stratify_mode("class+type") == Stratify::by_class_and_type);
  CHECK_THROWS_AS(stratify_mode("type"), SettingError);
  Dataset dataset = bare({100, 50});
  for (int i = 0; i < 150; ++i)  // four in five of class 0, one in five of class 1
    if ((i < 80) || i >= 140)
      dataset.samples[i].path.replace(dataset.samples[i].path.size() - 3, 3,
                                      i % 2 ? "JPG" : "jpeg");
  const Strata strata = strata_of(dataset, Stratify::by_class_and_type);
  CHECK(strata.class_of == std::vector<int>{0, 0, 1, 1});
  const Split plain = stratified_split(dataset, grouped(150, 1), 3);
  const Split split =
      stratified_split(dataset, grouped(150, 1), 3, {}, Stratify::by_class_and_type);
  CHECK(part_counts(dataset, split) == part_counts(dataset, plain));
  const std::vector<int> test_types = stratum_sizes(strata, split.indices(Part::test));
  CHECK(test_types == std::vector<int>{9, 2, 1, 4});
  // Pairs in folds of 30 images: 16 + 4 of class 0, 2 + 8 of class 1.
  const std::vector<int> folds =
      stratified_folds(dataset, grouped(150, 2), 5, 3, Stratify::by_class_and_type);
  for (int fold = 0; fold < 5; ++fold) {
    const Split one =
        fold_split(dataset, grouped(150, 2), folds, fold, 3, {}, Stratify::by_class_and_type);
    CHECK(stratum_sizes(strata, one.indices(Part::test)) == std::vector<int>{16, 4, 2, 8});
    CHECK(kept_together(one.group, one.part));
  }
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

TEST_CASE("the real messidor-2 splits into 1,080, 264 and 400, by grade and hospital") {
  const std::string root = test::real_data("messidor-2");
  if (root.empty()) {
    WARN("skipped: messidor-2 is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  const std::vector<int> groups =
      group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  const Strata strata = strata_of(dataset, Stratify::by_class_and_type);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Split split =
        counted_split(dataset, groups, seed, {1080, 0, 400}, Stratify::by_class_and_type);
    CHECK(kept_together(groups, split.part));
    const std::vector<int> sizes{1080, 264, 400};
    const auto wanted = wanted_by_sizes(strata, everyone(dataset), sizes);
    for (Part part : all_parts) {
      const int p = static_cast<int>(part);
      CHECK(split.indices(part).size() == static_cast<std::size_t>(sizes[p]));
      const std::vector<int> got = stratum_sizes(strata, split.indices(part));
      for (int s = 0; s < strata.size(); ++s) {  // the eyes of a patient may differ in grade
        CHECK(std::abs(got[s] - wanted[p][s]) <= 1);
        CHECK(got[s] > 0);
      }
    }
  }
}
