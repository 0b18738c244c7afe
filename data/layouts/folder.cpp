#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include <ganymede/data/layouts/layout.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

/// By name, or by what is in it: files of archives are often called 1.2.840.113... or IM0001.
bool is_dicom(const fs::path& file) {
  const std::string name = file.filename().string();
  return has_dicom_name(name) || (!lower_case(name).ends_with(".csv") && has_dicom_mark(file));
}

void take_entry(Folder& folder, fs::recursive_directory_iterator& entry) {
  const std::string name = entry->path().filename().string();
  const std::string path = entry->path().lexically_relative(folder.root).generic_string();
  std::error_code error;
  const bool is_folder = entry->is_directory(error);
  if (name.starts_with('.') || name == "__MACOSX") {
    folder.skipped.push_back({path, "hidden or left by an archiver"});
    entry.disable_recursion_pending();
  } else if (is_folder && fs::exists(entry->path() / "run.toml", error)) {
    folder.skipped.push_back({path, "a run folder: its images are not data"});
    entry.disable_recursion_pending();
  } else if (is_folder) {
    if (entry->is_symlink(error))
      folder.skipped.push_back({path, "a link to a folder, which is not followed"});
    else if (fs::is_empty(entry->path(), error))
      folder.skipped.push_back({path, "an empty folder: no class without images"});
  } else if (!entry->is_regular_file(error)) {
    folder.skipped.push_back({path, "not a regular file"});
  } else {
    const bool image = has_image_name(name) || is_dicom(entry->path());
    (image ? folder.images : folder.others).push_back(path);
  }
}

}  // namespace

bool Folder::contains(const std::string& path) const {
  return std::binary_search(images.begin(), images.end(), path) ||
         std::binary_search(others.begin(), others.end(), path);
}

Folder scan_folder(const std::string& root) {
  Folder folder;
  folder.root = root;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, error), end;
  for (; !error && entry != end; entry.increment(error)) take_entry(folder, entry);
  if (error)
    throw FileError(fmt::format("{}: the folder cannot be read: {}; check its permissions", root,
                                error.message()));
  std::sort(folder.images.begin(), folder.images.end());
  std::sort(folder.others.begin(), folder.others.end());
  std::sort(folder.skipped.begin(), folder.skipped.end(),
            [](const Skipped& a, const Skipped& b) { return a.path < b.path; });
  return folder;
}

}  // namespace ganymede
