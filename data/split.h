#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/data/dataset.h>
#include <ganymede/data/strata.h>

namespace ganymede {

/// `rest` is what no part of a split wants: an image there is neither learned from nor tested.
enum class Part { train, validation, test, rest };
inline constexpr std::array<Part, 3> all_parts{Part::train, Part::validation, Part::test};
inline constexpr std::array<Part, 4> parts_and_rest{Part::train, Part::validation, Part::test,
                                                    Part::rest};
const char* name_of(Part part);

/// Shares of the images; the default makes 144/34/22 of the 200 head CT slices.
struct SplitFractions {
  double train = 0.72, validation = 0.17, test = 0.11;
};

/// Which part each sample belongs to. No group lies in two parts, except in a published split that
/// was made so: `straddling` then names the groups, one line each.
struct Split {
  std::vector<Part> part;  ///< per sample
  std::vector<int> group;  ///< per sample, from group_samples
  std::vector<std::string> straddling;

  std::vector<int> indices(Part wanted) const;
  /// The three parts, and rest where it has images.
  std::vector<Part> parts() const;
};

/// Stratified and grouped, a pure function of the order of the samples and the seed. Class
/// counts are exact (largest remainder, at least one image of each class in each part where there
/// are three) whenever the groups allow. Throws SettingError for fractions that do not sum to 1.
Split stratified_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                       const SplitFractions& fractions = {}, Stratify mode = Stratify::by_class);

/// `data.counts` of a set: three whole numbers that sum to `images`, of which one may be 0 and then
/// takes the rest. Throws SettingError for anything else; `whole` is what has the images.
std::vector<int> part_sizes(const std::vector<double>& asked, int images,
                            const std::string& whole = "the set");
/// As stratified_split, with part_sizes() of `counts` in the parts: exactly so many wherever the
/// groups allow, each class near its share of them.
Split counted_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                    const std::vector<double>& counts, Stratify mode = Stratify::by_class);

/// `data.split = published` and --split: the parts that the samples carry. Without a validation
/// part one is taken from train, grouped and stratified; a validation part of fewer images than
/// `fewest_validation` joins train before that. Throws DataError when an image has no part, or
/// train or test is empty.
Split published_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                      const SplitFractions& fractions = {}, Stratify mode = Stratify::by_class,
                      int fewest_validation = 1);

/// The fold (0 .. count - 1) of each sample, grouped and stratified. Throws SettingError for fewer
/// than two folds, DataError for more folds than a class has groups.
std::vector<int> stratified_folds(const Dataset& dataset, const std::vector<int>& groups, int count,
                                  std::uint64_t seed, Stratify mode = Stratify::by_class);
/// Fold `fold` is the test part; validation is drawn from the others in the fractions' ratio of
/// validation to train.
Split fold_split(const Dataset& dataset, const std::vector<int>& groups,
                 const std::vector<int>& folds, int fold, std::uint64_t seed,
                 const SplitFractions& fractions = {}, Stratify mode = Stratify::by_class);

/// The fold (0 .. count - 1) of each of the `selected` samples, grouped and stratified among them;
/// -1 for all others. Throws SettingError for fewer than two folds.
std::vector<int> folds_within(const Dataset& dataset, const std::vector<int>& groups,
                              const std::vector<int>& selected, int count, std::uint64_t seed);

/// "train 14, test 6": the parts that the samples carry; empty where they carry none.
std::string published_in_words(const Dataset& dataset);

/// The groups that lie in several of the parts that the samples carry, a line each: its patients,
/// and of each part an image. Images that carry no part are left out.
std::vector<std::string> straddling_groups(const Dataset& dataset, const std::vector<int>& groups);
/// "0 patients straddle its parts", of so many lines: an image without a name of its patient counts
/// as one, and so do patients whom duplicates join.
std::string straddling_in_words(const std::vector<std::string>& lines);

/// images[part][class]
std::array<std::vector<int>, 3> part_counts(const Dataset& dataset, const Split& split);

/// split.csv: image,label,part,group.
void write_split(const std::string& path, const Dataset& dataset, const Split& split);
/// Reads it back for the same data set. Throws DataError where the two differ.
Split read_split(const std::string& path, const Dataset& dataset, const std::vector<int>& groups);

}  // namespace ganymede
