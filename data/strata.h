#pragma once

#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// What a split gives every part its share of. The file type matters where it tells the site.
enum class Stratify { by_class, by_class_and_type };

/// `data.stratify`: "class" or "class+type". Throws SettingError for another word.
Stratify stratify_mode(const std::string& word);

/// "jpg" for "a/IM1.JPG" and "b.jpeg": the extension in lower case, without the dot.
std::string file_type(const std::string& path);

/// The classes of a data set, cut further where it was asked for.
struct Strata {
  std::vector<int> of_sample;  ///< stratum per sample
  std::vector<int> class_of;   ///< class per stratum; unlabelled sets count as one class
  int classes = 1;

  int size() const { return static_cast<int>(class_of.size()); }
};

/// By class: stratum c is class c. By class and type: those that occur, by class, then by type.
Strata strata_of(const Dataset& dataset, Stratify mode);

/// How many of the selected samples lie in each stratum.
std::vector<int> stratum_sizes(const Strata& strata, const std::vector<int>& selected);

// How many of the selected samples each bin should get of each stratum: wanted[bin][stratum]. What
// a class gets is divided among its types, so that they move no image of a class into another bin.

/// by_class[class][bin], as asked for.
std::vector<std::vector<int>> wanted_by_class(const Strata& strata,
                                              const std::vector<int>& selected,
                                              const std::vector<std::vector<int>>& by_class);
/// The bins' shares of every class, each class alone, by largest remainder.
std::vector<std::vector<int>> wanted_by_shares(const Strata& strata,
                                               const std::vector<int>& selected,
                                               const std::vector<double>& shares);
/// Bins exactly as large as asked, classes near their share of each. The sizes sum to the number of
/// the selected.
std::vector<std::vector<int>> wanted_by_sizes(const Strata& strata,
                                              const std::vector<int>& selected,
                                              const std::vector<int>& sizes);

}  // namespace ganymede
