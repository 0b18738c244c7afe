#include <ganymede/data/layouts/part_class_folders.h>

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/layouts/grades.h>
#include <ganymede/data/text.h>

namespace ganymede {
namespace {

constexpr double most_strangers = 0.1;      // share of images in folders of other classes
constexpr double fewest_validation = 0.02;  // of all images: below it the part chooses nothing

/// base/part/label/name; part and label are empty where the folders name none.
struct Place {
  std::string base, part, label, name;
};

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string last(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The class that a folder is named after, as the set spells it, or "".
std::string class_named(const std::vector<std::string>& classes, const std::string& folder) {
  for (const std::string& name : classes)
    if (lower_case(name) == lower_case(folder)) return name;
  return "";
}

Place place_of(const std::string& path, const PartClassSet& set) {
  const std::string of_class = parent(path), of_part = parent(of_class);
  Place place{of_part, split_word(last(of_part)), class_named(set.classes, last(of_class)),
              last(path)};
  if (!place.part.empty()) place.base = parent(of_part);
  return place;
}

bool lies_in(const std::string& base, const std::string& path) {
  return base.empty() || path.starts_with(base + "/");
}

bool is_member(const Place& place, const std::string& base) {
  return !place.label.empty() && place.base == base;
}

/// What copies of an image share.
std::string key_of(const Place& place) { return place.part + "/" + place.label + "/" + place.name; }

/// Where the set begins: the shallowest of all places. False where there is none.
bool find_base(const Folder& folder, const PartClassSet& set, std::string& base) {
  bool found = false;
  for (const std::string& path : folder.images) {
    const Place place = place_of(path, set);
    if (class_named(set.telling, place.label).empty() || set.patient(stem_of(path)).empty())
      continue;
    if (!found || place.base.size() < base.size()) base = place.base;
    found = true;
  }
  return found;
}

/// Groups of skipped images: by their folder and the reason.
using Strays = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

void skip_strays(const Strays& strays, Dataset& dataset) {
  for (const auto& [key, paths] : strays)
    dataset.skipped.push_back(
        paths.size() == 1
            ? Skipped{paths.front(), key.second}
            : Skipped{key.first, fmt::format("{} images: {}", paths.size(), key.second)});
}

std::string reason_for(const Place& place, const std::string& base, bool is_copy,
                       const std::string& path, const PartClassSet& set) {
  if (is_copy)
    return fmt::format("a second copy, by name, of what lies in {}", base.empty() ? "." : base);
  if (!lies_in(base, path) || (!place.label.empty() && place.base != base))
    return fmt::format("outside {}, the set that is read", base.empty() ? "the top folder" : base);
  return fmt::format("in none of the class folders {}", joined(set.classes, ", "));
}

/// All images but the members, whose keys are `taken`.
Strays strays_of(const Folder& folder, const PartClassSet& set, const std::string& base,
                 const std::set<std::string>& taken) {
  Strays strays;
  for (const std::string& path : folder.images) {
    const Place place = place_of(path, set);
    if (is_member(place, base)) continue;
    const bool is_copy = !place.label.empty() && taken.contains(key_of(place));
    strays[{parent(path), reason_for(place, base, is_copy, path, set)}].push_back(path);
  }
  return strays;
}

Sample sample_at(const std::string& path, const Place& place, const PartClassSet& set) {
  Sample sample;
  sample.path = path;
  sample.label = place.label;
  sample.split = place.part;
  sample.patient = set.patient(stem_of(path));
  return sample;
}

void note_unnamed(Dataset& dataset) {
  const auto unnamed = [](const Sample& sample) { return sample.patient.empty(); };
  const auto first = std::find_if(dataset.samples.begin(), dataset.samples.end(), unnamed);
  if (first == dataset.samples.end()) return;
  dataset.notes.push_back(fmt::format(
      "{} images have names that tell no patient (the first is {}): each counts as a patient of "
      "its own, unless --groups says otherwise",
      std::count_if(first, dataset.samples.end(), unnamed), first->path));
}

void note_small_validation(Dataset& dataset) {
  const auto n = std::count_if(dataset.samples.begin(), dataset.samples.end(),
                               [](const Sample& s) { return s.split == "validation"; });
  if (n == 0 || static_cast<double>(n) >= fewest_validation * double(dataset.samples.size()))
    return;
  dataset.notes.push_back(fmt::format(
      "the published validation part has {} images, too few to choose anything by; an own split "
      "(data.split = stratified) makes a larger one",
      n));
}

}  // namespace

bool recognise_part_classes(const Folder& folder, const PartClassSet& set) {
  std::string base;
  if (!find_base(folder, set, base)) return false;
  std::size_t members = 0, named = 0, strangers = 0;
  for (const std::string& path : folder.images) {
    if (!lies_in(base, path)) continue;
    const Place place = place_of(path, set);
    if (place.label.empty()) ++strangers;
    if (!is_member(place, base)) continue;
    ++members, named += !set.patient(stem_of(path)).empty();
  }
  return 2 * named > members &&
         static_cast<double>(strangers) <= most_strangers * static_cast<double>(members);
}

Dataset read_part_classes(const Folder& folder, const PartClassSet& set) {
  Dataset dataset;
  dataset.layout = set.name;
  std::string base;
  find_base(folder, set, base);
  std::set<std::string> taken;
  for (const std::string& path : folder.images)
    if (const Place place = place_of(path, set); is_member(place, base)) {
      dataset.samples.push_back(sample_at(path, place, set));
      taken.insert(key_of(place));
    }
  skip_strays(strays_of(folder, set, base, taken), dataset);
  for (const std::string& path : folder.others)
    dataset.skipped.push_back({path, "not a PNG or JPEG"});
  dataset.notes.push_back(set.note);
  note_unnamed(dataset);
  note_small_validation(dataset);
  return dataset;
}

std::vector<std::string> pieces_of(const std::string& name, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find(separator, begin), name.size());
    pieces.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace ganymede
