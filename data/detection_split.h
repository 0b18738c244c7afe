#pragma once

#include <ganymede/data/split.h>

namespace ganymede {

/// `data.split = detection`: training and validation part hold images of one class alone, as a
/// detector of everything else learns it; the test part holds as many of the other classes as of
/// that one; what is left of the others is Part::rest (paper 002: 3,237 pneumonia, 1,000 + 1,000,
/// 571 normals).
/// `counts` are the three parts of `train_class`, of which one may be 0 and takes what is left; the
/// third also counts the others in the test part, several classes by their sizes. Without counts
/// the fractions hold, and the test part takes all of the others where there are fewer. Grouped and
/// exact as counted_split; where a group has images of both kinds, those that the training part
/// cannot take are Part::rest too, so no group of the test part lies in another.
/// Throws SettingError for counts or fractions that fit no split, DataError for fewer than two
/// classes.
Split detection_split(const Dataset& dataset, const std::vector<int>& groups, std::uint64_t seed,
                      int train_class, const std::vector<double>& counts,
                      const SplitFractions& fractions = {}, Stratify mode = Stratify::by_class);

/// Moves images of other classes from the training and validation part to Part::rest, as nothing
/// but `train_class` may be learned there, and returns how many: a split that was made for
/// something else becomes a detector's. The test part stays as it is.
int set_strangers_apart(const Dataset& dataset, int train_class, Split& split);

}  // namespace ganymede
