// A folder per class: CLASS/*.png, or a published split above the classes: train/CLASS/*.png,
// test/CLASS/*.png. A class may hold further folders.

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/layouts/layout.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// The path's first folder, or "" for a file at the top.
std::string first_folder(const std::string& path) {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string below(const std::string& path) { return path.substr(path.find('/') + 1); }

/// True when every image lies in SPLIT/CLASS/ with SPLIT a word for train, validation or test.
bool has_published_split(const Folder& folder) {
  return std::all_of(folder.images.begin(), folder.images.end(), [](const std::string& path) {
    const std::string top = first_folder(path);
    return top.empty() || (!split_word(top).empty() && !first_folder(below(path)).empty());
  });
}

bool recognise(const Folder& folder) {
  return std::any_of(folder.images.begin(), folder.images.end(),
                     [](const std::string& path) { return !first_folder(path).empty(); });
}

/// "train_images", "test"
bool names_a_part(const std::string& name) {
  return !split_word(name.substr(0, name.find_first_of("_- "))).empty();
}

/// Parts without classes below them would become the classes.
void refuse_parts_as_classes(const Folder& folder) {
  std::set<std::string> tops;
  for (const std::string& path : folder.images)
    if (const std::string top = first_folder(path); !top.empty()) tops.insert(top);
  if (!std::all_of(tops.begin(), tops.end(), names_a_part)) return;
  throw DataError(fmt::format(
      "{}: folder '{}' names a part, not a class; mend: put a folder per class into it, or write "
      "{}/labels.csv with the columns image, label and split",
      folder.root, *tops.begin(), folder.root));
}

Dataset read(const Folder& folder) {
  Dataset dataset;
  dataset.layout = "folders";
  const bool published = has_published_split(folder);
  if (!published) refuse_parts_as_classes(folder);
  for (const std::string& path : folder.images) {
    const std::string top = first_folder(path);
    if (top.empty()) {
      dataset.skipped.push_back({path, "lies beside the class folders, so its class is unknown"});
      continue;
    }
    Sample sample;
    sample.path = path;
    sample.label = published ? first_folder(below(path)) : top;
    if (published) sample.split = split_word(top);
    dataset.samples.push_back(std::move(sample));
  }
  for (const std::string& path : folder.others)
    dataset.skipped.push_back(
        {path, path.ends_with(".csv")
                   ? "not read: labels are taken from a labels.csv with the columns image and label"
                   : "not a PNG or JPEG"});
  if (!folder.names_patients)
    dataset.notes.push_back(
        "folders name no patients: every image counts as a patient of its own, unless --groups "
        "says otherwise");
  return dataset;
}

}  // namespace

const Layout class_folders_layout{"folders", recognise, read, true};

}  // namespace ganymede
