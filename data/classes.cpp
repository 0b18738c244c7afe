#include <algorithm>

#include <fmt/core.h>

#include <ganymede/data/dataset.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

std::vector<int> class_counts(const Dataset& dataset) {
  std::vector<int> counts(dataset.classes.size(), 0);
  for (const Sample& sample : dataset.samples)
    if (sample.class_index >= 0) ++counts[sample.class_index];
  return counts;
}

void require_two_classes(const Dataset& dataset, const std::string& who) {
  for (const Sample& sample : dataset.samples)
    if (sample.class_index < 0)
      throw DataError(fmt::format(
          "{}: {} needs labels, but '{}' has none; put the images into a folder per class, or add "
          "labels.csv with the columns image,label",
          dataset.root, who, sample.path));
  const std::vector<int> counts = class_counts(dataset);
  const auto present = std::count_if(counts.begin(), counts.end(), [](int n) { return n > 0; });
  if (present >= 2) return;
  const std::string only = dataset.samples.empty() ? "none" : dataset.samples.front().label;
  throw DataError(fmt::format(
      "{}: {} needs at least two classes, but there is one only ('{}', {} images); add a folder or "
      "labels of another class",
      dataset.root, who, only, dataset.samples.size()));
}

namespace {

/// Names of a letter or a digit are all near to each other.
std::string near_class(const Dataset& dataset, const std::string& name) {
  const std::string nearest = name.size() > 1 ? nearest_name(name, dataset.classes) : "";
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace

int class_named(const Dataset& dataset, const std::string& setting, const std::string& name) {
  const std::string classes = dataset.classes.empty() ? "none" : joined(dataset.classes, ", ");
  if (name.empty())
    throw SettingError(
        fmt::format("{} is empty; name a class of {} ({})", setting, dataset.root, classes));
  const auto found = std::find(dataset.classes.begin(), dataset.classes.end(), name);
  if (found == dataset.classes.end())
    throw SettingError(fmt::format("{} = '{}': no such class in {}{} (found: {})", setting, name,
                                   dataset.root, near_class(dataset, name), classes));
  return static_cast<int>(found - dataset.classes.begin());
}

int positive_class(const Dataset& dataset, const std::string& name) {
  if (name.empty()) return static_cast<int>(dataset.classes.size()) - 1;
  return class_named(dataset, "data.positive", name);
}

}  // namespace ganymede
