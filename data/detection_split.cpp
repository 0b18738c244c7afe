#include <ganymede/data/detection_split.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

#include <ganymede/data/allocate.h>
#include <ganymede/data/deal.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

using Table = std::vector<std::vector<int>>;

/// Names all images of the class: then a 0 is a part without images.
bool names_all(const std::vector<double>& counts, int images) {
  return counts.size() == 3 &&
         std::ranges::all_of(counts, [](double n) { return n >= 0 && n == std::floor(n); }) &&
         std::accumulate(counts.begin(), counts.end(), 0.0) == images;
}

/// Images of the class that is learned in the training, validation and test part.
std::vector<int> own_sizes(const std::vector<double>& counts, const SplitFractions& fractions,
                           int images, const std::string& name) {
  std::vector<int> sizes;
  if (counts.empty())
    sizes = apportion(images, {fractions.train, fractions.validation, fractions.test});
  else if (names_all(counts, images))
    sizes.assign(counts.begin(), counts.end());
  else
    sizes = part_sizes(counts, images, fmt::format("class '{}'", name));
  if (sizes[0] > 0 && sizes[2] > 0) return sizes;
  throw SettingError(fmt::format(
      "data.split = detection: {} images of class '{}' to train on and {} to test; give both parts "
      "some by data.counts or data.fractions",
      sizes[0], name, sizes[2]));
}

/// Images of the other classes in the test part.
int others_tested(int asked, int others, bool counted) {
  if (counted && asked > others)
    throw SettingError(fmt::format(
        "data.counts: {} test images of the other classes too, but they have {}; ask for fewer",
        asked, others));
  return std::min(asked, others);
}

/// by_class[class][part]
Table wanted_parts(const std::vector<int>& sizes, int train_class, const std::vector<int>& own,
                   int tested) {
  std::vector<int> others = sizes;
  others[train_class] = 0;
  const int left = std::accumulate(others.begin(), others.end(), 0) - tested;
  const Table shared = apportion_table(others, {tested, left});
  Table wanted;
  for (const std::vector<int>& row : shared) wanted.push_back({0, 0, row[0], row[1]});
  wanted[train_class] = {own[0], own[1], own[2], 0};
  return wanted;
}

void check(const SplitFractions& fractions) {
  const double sum = fractions.train + fractions.validation + fractions.test;
  if (fractions.validation < 0 || std::abs(sum - 1) > 1e-6)
    throw SettingError(fmt::format("data.fractions: {} + {} + {} must sum to 1", fractions.train,
                                   fractions.validation, fractions.test));
}

}  // namespace

int set_strangers_apart(const Dataset& dataset, int train_class, Split& split) {
  int moved = 0;
  for (std::size_t i = 0; i < split.part.size(); ++i) {
    Part& part = split.part[i];
    if (dataset.samples[i].class_index == train_class || part == Part::test || part == Part::rest)
      continue;
    part = Part::rest;
    ++moved;
  }
  return moved;
}

Split detection_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                      int train_class, const std::vector<double>& counts,
                      const SplitFractions& fractions, Stratify mode) {
  require_two_classes(dataset, "detection");
  if (counts.empty()) check(fractions);
  const std::vector<int> all = everything(dataset), sizes = class_counts(dataset);
  const int own_images = sizes.at(train_class), images = static_cast<int>(all.size());
  const std::vector<int> own =
      own_sizes(counts, fractions, own_images, dataset.classes[train_class]);
  const int tested = others_tested(own[2], images - own_images, !counts.empty());
  const Strata strata = strata_of(dataset, mode);
  const Table wanted = wanted_by_class(strata, all, wanted_parts(sizes, train_class, own, tested));
  Split split{{}, groups, {}};
  for (int bin : deal(strata, groups, all, wanted, true, HostRng(seed, "split/detection")))
    split.part.push_back(parts_and_rest[bin]);
  set_strangers_apart(dataset, train_class, split);
  return split;
}

}  // namespace ganymede
