#include <map>
#include <numeric>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/duplicates.h>

namespace ganymede {
namespace {

/// Union-find; the smallest member stands for its set.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int find(int i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void merge(int a, int b) {
    a = find(a), b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<int> parent_;
};

void merge_patients(const Dataset& dataset, Sets& sets) {
  std::map<std::string, int> first_of;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::string& patient = dataset.samples[i].patient;
    if (patient.empty()) continue;
    const int first = first_of.emplace(patient, static_cast<int>(i)).first->second;
    sets.merge(first, static_cast<int>(i));
  }
}

}  // namespace

std::vector<int> redundant_counts(const Dataset& dataset, const Duplicates& duplicates) {
  std::vector<int> counts(dataset.classes.size(), 0);
  for (const auto& same : duplicates.exact)
    for (std::size_t i = 1; i < same.size(); ++i)
      if (const int c = dataset.samples[same[i]].class_index; c >= 0) ++counts[c];
  return counts;
}

std::vector<int> group_samples(const Dataset& dataset, const Duplicates& duplicates) {
  Sets sets(dataset.samples.size());
  merge_patients(dataset, sets);
  for (const auto& same : duplicates.exact)
    for (int i : same) sets.merge(same.front(), i);
  for (const NearPair& pair : duplicates.near) sets.merge(pair.a, pair.b);
  std::map<int, int> number_of;
  std::vector<int> groups;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const int next = static_cast<int>(number_of.size());
    groups.push_back(number_of.emplace(sets.find(static_cast<int>(i)), next).first->second);
  }
  return groups;
}

Duplicates drop_exact_duplicates(Dataset& dataset, const Duplicates& duplicates) {
  std::map<int, int> kept_for;  // dropped sample -> the first of its set
  for (const auto& same : duplicates.exact)
    for (std::size_t i = 1; i < same.size(); ++i) kept_for[same[i]] = same.front();
  std::vector<int> moved(dataset.samples.size(), -1);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const auto dropped = kept_for.find(static_cast<int>(i));
    if (dropped != kept_for.end()) {
      dataset.skipped.push_back(
          {dataset.samples[i].path,
           fmt::format("identical to {}", dataset.samples[dropped->second].path)});
      continue;
    }
    moved[i] = static_cast<int>(samples.size());
    samples.push_back(dataset.samples[i]);
  }
  const auto place = [&](int i) {
    const auto dropped = kept_for.find(i);
    return moved[dropped == kept_for.end() ? i : dropped->second];
  };
  Duplicates left;
  std::set<std::pair<int, int>> seen;
  for (const NearPair& pair : duplicates.near) {
    const int a = std::min(place(pair.a), place(pair.b)),
              b = std::max(place(pair.a), place(pair.b));
    if (seen.insert({a, b}).second) left.near.push_back({a, b, pair.correlation});
  }
  dataset.samples = std::move(samples);
  return left;
}

}  // namespace ganymede
