#include <ganymede/data/split.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/allocate.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// Unlabelled sets count as one class.
std::vector<int> classes_of(const Dataset& dataset) {
  std::vector<int> classes;
  for (const Sample& sample : dataset.samples) classes.push_back(std::max(0, sample.class_index));
  return classes;
}

int class_count_of(const Dataset& dataset) {
  return std::max(1, static_cast<int>(dataset.classes.size()));
}

std::vector<int> everything(const Dataset& dataset) {
  std::vector<int> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// Deals the selected samples into shares.size() bins; returns the bin of each of them.
std::vector<int> deal(const Dataset& dataset, const std::vector<int>& groups,
                      const std::vector<int>& selected, const std::vector<double>& shares,
                      HostRng rng) {
  const std::vector<int> classes = classes_of(dataset);
  const int class_count = class_count_of(dataset);
  std::vector<int> totals(class_count, 0);
  for (int i : selected) ++totals[classes[i]];
  std::vector<std::vector<int>> wanted(shares.size(), std::vector<int>(class_count));
  for (int c = 0; c < class_count; ++c) {
    const std::vector<int> counts = apportion(totals[c], shares);
    for (std::size_t bin = 0; bin < shares.size(); ++bin) wanted[bin][c] = counts[bin];
  }
  const std::vector<Bundle> bundles = bundle(selected, groups, classes, class_count);
  const std::vector<int> bins = allocate(bundles, wanted, rng);
  std::vector<int> bin_of(dataset.samples.size(), -1);
  for (std::size_t b = 0; b < bundles.size(); ++b)
    for (int item : bundles[b].items) bin_of[item] = bins[b];
  return bin_of;
}

void check(const SplitFractions& fractions) {
  const double sum = fractions.train + fractions.validation + fractions.test;
  if (fractions.train > 0 && fractions.validation >= 0 && fractions.test >= 0 &&
      std::abs(sum - 1) < 1e-6)
    return;
  throw SettingError(fmt::format(
      "split fractions train {} + validation {} + test {} must be positive and sum to 1",
      fractions.train, fractions.validation, fractions.test));
}

/// Splits `selected` into train and validation in the fractions' ratio.
void deal_validation(const Dataset& dataset, const std::vector<int>& selected, HostRng rng,
                     const SplitFractions& fractions, Split& split) {
  const std::vector<int> bins =
      deal(dataset, split.group, selected, {fractions.train, fractions.validation}, std::move(rng));
  for (int i : selected) split.part[i] = bins[i] == 0 ? Part::train : Part::validation;
}

Part part_of(const Dataset& dataset, const Sample& sample) {
  for (Part part : all_parts)
    if (sample.split == name_of(part)) return part;
  throw DataError(
      fmt::format("{}: image '{}' has no published part; name one for every image, or use "
                  "data.split = stratified",
                  dataset.root, sample.path));
}

std::vector<std::string> straddling_groups(const Dataset& dataset, const Split& split) {
  std::map<int, std::vector<int>> members;
  for (std::size_t i = 0; i < split.group.size(); ++i)
    members[split.group[i]].push_back(static_cast<int>(i));
  std::vector<std::string> lines;
  for (const auto& [group, items] : members) {
    std::set<Part> parts;
    std::string line;
    for (int i : items)
      if (parts.insert(split.part[i]).second)
        line += fmt::format("{}{} ({})", line.empty() ? "" : ", ", dataset.samples[i].path,
                            name_of(split.part[i]));
    if (parts.size() > 1) lines.push_back(line);
  }
  return lines;
}

}  // namespace

const char* name_of(Part part) {
  return part == Part::train ? "train" : part == Part::validation ? "validation" : "test";
}

std::vector<int> Split::indices(Part wanted) const {
  std::vector<int> found;
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part[i] == wanted) found.push_back(static_cast<int>(i));
  return found;
}

std::string published_in_words(const Dataset& dataset) {
  std::string text;
  for (const Part part : all_parts) {
    const auto n = std::count_if(dataset.samples.begin(), dataset.samples.end(),
                                 [&](const Sample& s) { return s.split == name_of(part); });
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(part), n);
  }
  return text;
}

Split stratified_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                       const SplitFractions& fractions) {
  check(fractions);
  const std::vector<int> bins =
      deal(dataset, groups, everything(dataset),
           {fractions.train, fractions.validation, fractions.test}, HostRng(seed, "split"));
  Split split{{}, groups, {}};
  for (int bin : bins) split.part.push_back(all_parts[bin]);
  return split;
}

Split published_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                      const SplitFractions& fractions) {
  check(fractions);
  Split split{{}, groups, {}};
  for (const Sample& sample : dataset.samples) split.part.push_back(part_of(dataset, sample));
  for (Part part : {Part::train, Part::test})
    if (split.indices(part).empty())
      throw DataError(
          fmt::format("{}: the published split has no {} part; use data.split = stratified",
                      dataset.root, name_of(part)));
  if (split.indices(Part::validation).empty())
    deal_validation(dataset, split.indices(Part::train), HostRng(seed, "split/validation"),
                    fractions, split);
  split.straddling = straddling_groups(dataset, split);
  return split;
}

std::vector<int> stratified_folds(const Dataset& dataset, const std::vector<int>& groups, int count,
                                  std::uint64_t seed) {
  if (count < 2) throw SettingError(fmt::format("--folds {}: at least 2 are needed", count));
  std::map<int, std::set<int>> groups_of;
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups_of[dataset.samples[i].class_index].insert(groups[i]);
  for (const auto& [c, members] : groups_of)
    if (static_cast<int>(members.size()) < count)
      throw DataError(
          fmt::format("{}: {} folds, but class '{}' has only {} groups of images; take "
                      "fewer folds",
                      dataset.root, count, c < 0 ? "" : dataset.classes[c], members.size()));
  return deal(dataset, groups, everything(dataset), std::vector<double>(count, 1.0 / count),
              HostRng(seed, "split/folds"));
}

Split fold_split(const Dataset& dataset, const std::vector<int>& groups,
                 const std::vector<int>& folds, int fold, std::uint64_t seed,
                 const SplitFractions& fractions) {
  check(fractions);
  Split split{std::vector<Part>(folds.size(), Part::test), groups, {}};
  std::vector<int> rest;
  for (std::size_t i = 0; i < folds.size(); ++i)
    if (folds[i] != fold) rest.push_back(static_cast<int>(i));
  deal_validation(dataset, rest, HostRng(seed, fmt::format("split/folds/{}", fold)), fractions,
                  split);
  return split;
}

std::vector<int> folds_within(const Dataset& dataset, const std::vector<int>& groups,
                              const std::vector<int>& selected, int count, std::uint64_t seed) {
  if (count < 2) throw SettingError(fmt::format("{} folds: at least 2 are needed", count));
  return deal(dataset, groups, selected, std::vector<double>(count, 1.0 / count),
              HostRng(seed, "split/within"));
}

std::array<std::vector<int>, 3> part_counts(const Dataset& dataset, const Split& split) {
  std::array<std::vector<int>, 3> counts;
  counts.fill(std::vector<int>(class_count_of(dataset), 0));
  const std::vector<int> classes = classes_of(dataset);
  for (std::size_t i = 0; i < split.part.size(); ++i)
    ++counts[static_cast<int>(split.part[i])][classes[i]];
  return counts;
}

}  // namespace ganymede
