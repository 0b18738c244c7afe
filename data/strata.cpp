#include <ganymede/data/strata.h>

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include <ganymede/data/allocate.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

using Table = std::vector<std::vector<int>>;

/// Divides what each bin got of each class (by_class[class][bin]) among the strata of the class.
Table within_classes(const Strata& strata, const std::vector<int>& sizes, const Table& by_class) {
  Table wanted(by_class.front().size(), std::vector<int>(strata.size()));
  for (int c = 0; c < strata.classes; ++c) {
    std::vector<int> members, rows;
    for (int s = 0; s < strata.size(); ++s)
      if (strata.class_of[s] == c) members.push_back(s), rows.push_back(sizes[s]);
    const Table counts = apportion_table(rows, by_class[c]);
    for (std::size_t m = 0; m < members.size(); ++m)
      for (std::size_t bin = 0; bin < wanted.size(); ++bin)
        wanted[bin][members[m]] = counts[m][bin];
  }
  return wanted;
}

std::vector<int> class_sizes(const Strata& strata, const std::vector<int>& sizes) {
  std::vector<int> totals(strata.classes, 0);
  for (int s = 0; s < strata.size(); ++s) totals[strata.class_of[s]] += sizes[s];
  return totals;
}

}  // namespace

Stratify stratify_mode(const std::string& word) {
  if (word == "class") return Stratify::by_class;
  if (word == "class+type") return Stratify::by_class_and_type;
  throw SettingError(fmt::format("data.stratify is '{}'; it can be class, class+type", word));
}

std::string file_type(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  const std::string type = dot == std::string::npos ? "" : lower_case(name.substr(dot + 1));
  return type == "jpeg" ? "jpg" : type;
}

Strata strata_of(const Dataset& dataset, Stratify mode) {
  const bool by_type = mode == Stratify::by_class_and_type;
  Strata strata;
  strata.classes = std::max(1, static_cast<int>(dataset.classes.size()));
  std::map<std::pair<int, std::string>, int> number;
  for (int c = 0; c < strata.classes && !by_type; ++c) number[{c, ""}] = 0;
  const auto key = [&](const Sample& sample) {
    return std::pair(std::max(0, sample.class_index), by_type ? file_type(sample.path) : "");
  };
  for (const Sample& sample : dataset.samples) number[key(sample)] = 0;
  for (auto& [name, stratum] : number) {
    stratum = strata.size();
    strata.class_of.push_back(name.first);
  }
  for (const Sample& sample : dataset.samples) strata.of_sample.push_back(number[key(sample)]);
  return strata;
}

std::vector<int> stratum_sizes(const Strata& strata, const std::vector<int>& selected) {
  std::vector<int> sizes(strata.size(), 0);
  for (int i : selected) ++sizes[strata.of_sample[i]];
  return sizes;
}

Table wanted_by_class(const Strata& strata, const std::vector<int>& selected,
                      const Table& by_class) {
  return within_classes(strata, stratum_sizes(strata, selected), by_class);
}

Table wanted_by_shares(const Strata& strata, const std::vector<int>& selected,
                       const std::vector<double>& shares) {
  const std::vector<int> sizes = stratum_sizes(strata, selected);
  Table by_class;
  for (int total : class_sizes(strata, sizes)) by_class.push_back(apportion(total, shares));
  return within_classes(strata, sizes, by_class);
}

Table wanted_by_sizes(const Strata& strata, const std::vector<int>& selected,
                      const std::vector<int>& sizes) {
  const std::vector<int> of_strata = stratum_sizes(strata, selected);
  return within_classes(strata, of_strata, apportion_table(class_sizes(strata, of_strata), sizes));
}

}  // namespace ganymede
