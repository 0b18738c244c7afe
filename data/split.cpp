#include <ganymede/data/split.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include <ganymede/data/deal.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::vector<int> deal_shares(const Dataset& dataset, const std::vector<int>& groups,
                             const std::vector<int>& selected, const std::vector<double>& shares,
                             Stratify mode, HostRng rng) {
  const Strata strata = strata_of(dataset, mode);
  return deal(strata, groups, selected, wanted_by_shares(strata, selected, shares),
              mode != Stratify::by_class, std::move(rng));
}

void check(const SplitFractions& fractions) {
  const double sum = fractions.train + fractions.validation + fractions.test;
  if (fractions.train > 0 && fractions.validation >= 0 && fractions.test >= 0 &&
      std::abs(sum - 1) < 1e-6)
    return;
  throw SettingError(fmt::format(
      "data.fractions: train {} + validation {} + test {} must sum to 1, train be positive and "
      "none negative",
      fractions.train, fractions.validation, fractions.test));
}

/// Splits `selected` into train and validation in the fractions' ratio.
void deal_validation(const Dataset& dataset, const std::vector<int>& selected, HostRng rng,
                     const SplitFractions& fractions, Stratify mode, Split& split) {
  const std::vector<int> bins =
      deal_shares(dataset, split.group, selected, {fractions.train, fractions.validation}, mode,
                  std::move(rng));
  for (int i : selected) split.part[i] = bins[i] == 0 ? Part::train : Part::validation;
}

Split of_bins(const std::vector<int>& groups, const std::vector<int>& bins) {
  Split split{{}, groups, {}};
  for (int bin : bins) split.part.push_back(all_parts[bin]);
  return split;
}

Part part_of(const Dataset& dataset, const Sample& sample) {
  for (Part part : parts_and_rest)
    if (sample.split == name_of(part)) return part;
  throw DataError(
      fmt::format("{}: image '{}' has no published part; name one for every image, or use "
                  "data.split = stratified",
                  dataset.root, sample.path));
}

/// "patient IM-0115: " before the images of a group; the names of all that duplicates joined.
std::string patients_in(const Dataset& dataset, const std::vector<int>& members) {
  std::set<std::string> names;
  for (int i : members)
    if (!dataset.samples[i].patient.empty()) names.insert(dataset.samples[i].patient);
  if (names.empty()) return "";
  return fmt::format("{} {}: ", names.size() > 1 ? "patients" : "patient", fmt::join(names, ", "));
}

}  // namespace

const char* name_of(Part part) {
  static constexpr std::array names{"train", "validation", "test", "rest"};
  return names[static_cast<std::size_t>(part)];
}

std::vector<int> Split::indices(Part wanted) const {
  std::vector<int> found;
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part[i] == wanted) found.push_back(static_cast<int>(i));
  return found;
}

std::vector<Part> Split::parts() const {
  std::vector<Part> found(all_parts.begin(), all_parts.end());
  if (std::find(part.begin(), part.end(), Part::rest) != part.end()) found.push_back(Part::rest);
  return found;
}

std::string published_in_words(const Dataset& dataset) {
  std::string text;
  for (const Part part : parts_and_rest) {
    const auto n = std::count_if(dataset.samples.begin(), dataset.samples.end(),
                                 [&](const Sample& s) { return s.split == name_of(part); });
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(part), n);
  }
  return text;
}

std::vector<std::string> straddling_groups(const Dataset& dataset, const std::vector<int>& groups) {
  std::map<int, std::vector<int>> members;
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (!dataset.samples[i].split.empty()) members[groups[i]].push_back(static_cast<int>(i));
  std::vector<std::string> lines;
  for (const auto& [group, items] : members) {
    std::map<std::string, int> first;  // image of each part
    for (int i : items) first.emplace(dataset.samples[i].split, i);
    if (first.size() < 2) continue;
    std::vector<std::string> examples;
    for (const auto& [part, i] : first)
      examples.push_back(fmt::format("{} ({})", dataset.samples[i].path, part));
    lines.push_back(patients_in(dataset, items) + fmt::format("{}", fmt::join(examples, ", ")));
  }
  return lines;
}

std::string straddling_in_words(const std::vector<std::string>& lines) {
  return lines.size() == 1 ? "1 patient straddles its parts"
                           : fmt::format("{} patients straddle its parts", lines.size());
}

Split stratified_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                       const SplitFractions& fractions, Stratify mode) {
  check(fractions);
  return of_bins(groups, deal_shares(dataset, groups, everything(dataset),
                                     {fractions.train, fractions.validation, fractions.test}, mode,
                                     HostRng(seed, "split")));
}

std::vector<int> part_sizes(const std::vector<double>& asked, int images,
                            const std::string& whole) {
  if (asked.size() != 3)
    throw SettingError("data.counts: expects three numbers, training, validation and test images");
  std::vector<int> sizes;
  for (const double number : asked) {
    if (!(number >= 0 && number <= images) || number != std::floor(number))
      throw SettingError(
          fmt::format("data.counts: {} is no number of images, as {} has {}; data.counts=none "
                      "deals by data.fractions instead",
                      number, whole, images));
    sizes.push_back(static_cast<int>(number));
  }
  const std::int64_t sum = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  const auto open = std::find(sizes.begin(), sizes.end(), 0);
  const auto zeros = std::count(sizes.begin(), sizes.end(), 0);
  if (zeros > 1 || sum > images || (zeros == 1) != (sum < images))
    throw SettingError(fmt::format(
        "data.counts: {} + {} + {} images, {} has {}; name them all, or give one part 0 and leave "
        "some for it",
        sizes[0], sizes[1], sizes[2], whole, images));
  if (zeros == 1) *open = static_cast<int>(images - sum);
  return sizes;
}

Split counted_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                    const std::vector<double>& counts, Stratify mode) {
  const Strata strata = strata_of(dataset, mode);
  const std::vector<int> all = everything(dataset);
  const std::vector<int> sizes = part_sizes(counts, static_cast<int>(all.size()));
  return of_bins(groups, deal(strata, groups, all, wanted_by_sizes(strata, all, sizes), true,
                              HostRng(seed, "split")));
}

Split published_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                      const SplitFractions& fractions, Stratify mode, int fewest_validation) {
  check(fractions);
  Split split{{}, groups, {}};
  for (const Sample& sample : dataset.samples) split.part.push_back(part_of(dataset, sample));
  for (Part part : {Part::train, Part::test})
    if (split.indices(part).empty())
      throw DataError(
          fmt::format("{}: the published split has no {} part; use data.split = stratified",
                      dataset.root, name_of(part)));
  const std::vector<int> validation = split.indices(Part::validation);
  if (static_cast<int>(validation.size()) < std::max(1, fewest_validation)) {
    for (int i : validation) split.part[i] = Part::train;
    deal_validation(dataset, split.indices(Part::train), HostRng(seed, "split/validation"),
                    fractions, mode, split);
  }
  split.straddling = straddling_groups(dataset, groups);
  return split;
}

std::vector<int> stratified_folds(const Dataset& dataset, const std::vector<int>& groups, int count,
                                  std::uint64_t seed, Stratify mode) {
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
  return deal_shares(dataset, groups, everything(dataset), std::vector<double>(count, 1.0 / count),
                     mode, HostRng(seed, "split/folds"));
}

Split fold_split(const Dataset& dataset, const std::vector<int>& groups,
                 const std::vector<int>& folds, int fold, std::uint64_t seed,
                 const SplitFractions& fractions, Stratify mode) {
  check(fractions);
  Split split{std::vector<Part>(folds.size(), Part::test), groups, {}};
  std::vector<int> rest;
  for (std::size_t i = 0; i < folds.size(); ++i)
    if (folds[i] != fold) rest.push_back(static_cast<int>(i));
  deal_validation(dataset, rest, HostRng(seed, fmt::format("split/folds/{}", fold)), fractions,
                  mode, split);
  return split;
}

std::vector<int> folds_within(const Dataset& dataset, const std::vector<int>& groups,
                              const std::vector<int>& selected, int count, std::uint64_t seed) {
  if (count < 2) throw SettingError(fmt::format("{} folds: at least 2 are needed", count));
  return deal_shares(dataset, groups, selected, std::vector<double>(count, 1.0 / count),
                     Stratify::by_class, HostRng(seed, "split/within"));
}

std::array<std::vector<int>, 3> part_counts(const Dataset& dataset, const Split& split) {
  std::array<std::vector<int>, 3> counts;
  const Strata classes = strata_of(dataset, Stratify::by_class);
  for (Part part : all_parts)
    counts[static_cast<int>(part)] = stratum_sizes(classes, split.indices(part));
  return counts;
}

}  // namespace ganymede
