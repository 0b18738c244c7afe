// A folder per class: CLASS/*.png, or a published split above the classes: train/CLASS/*.png,
// test/CLASS/*.png. A class may hold further folders.

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/layouts/layout.h>

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

Dataset read(const Folder& folder) {
  Dataset dataset;
  dataset.layout = "folders";
  const bool published = has_published_split(folder);
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
    dataset.skipped.push_back({path, "not a PNG or JPEG"});
  dataset.notes.push_back(
      "folders name no patients: every image counts as a patient of its own, unless --groups says "
      "otherwise");
  return dataset;
}

}  // namespace

const Layout class_folders_layout{"folders", recognise, read};

}  // namespace ganymede
