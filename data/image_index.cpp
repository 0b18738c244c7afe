#include <ganymede/data/image_index.h>

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/dicom.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Lower case, no image extension, '/' between folders, no leading zeros in an all-digit name.
std::string key_of(std::string path) {
  if (has_image_name(path) || has_dicom_name(path)) path.erase(path.rfind('.'));
  std::replace(path.begin(), path.end(), '\\', '/');
  if (path.starts_with("./")) path.erase(0, 2);
  path = lower_case(path);
  const std::string name = name_in(path);
  const bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
  if (!number) return path;
  const std::size_t first = std::min(name.find_first_not_of('0'), name.size() - 1);
  return path.substr(0, path.size() - name.size()) + name.substr(first);
}

}  // namespace

ImageIndex::ImageIndex(const std::vector<std::string>& paths) : paths_(paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::string key = key_of(paths[i]);
    by_key_.emplace(key, static_cast<int>(i));
    if (name_in(key) != key) by_key_.emplace(name_in(key), static_cast<int>(i));
  }
}

int ImageIndex::find(const std::string& id, const std::string& place) const {
  const auto [first, last] = by_key_.equal_range(key_of(id));
  std::set<int> found, same, exact;
  const std::string lower = lower_case(id);
  for (auto it = first; it != last; ++it) {
    const std::string &path = paths_[it->second], folded = lower_case(path);
    found.insert(it->second);
    if (path == id) same.insert(it->second);
    if (folded == lower || name_in(folded) == lower) exact.insert(it->second);
  }
  if (found.empty()) return -1;
  if (found.size() > 1 && same.size() == 1) return *same.begin();  // its path to the letter
  if (found.size() > 1 && exact.size() == 1) return *exact.begin();
  if (found.size() > 1)
    throw DataError(
        fmt::format("{}: '{}' fits both '{}' and '{}'; write the path with its extension", place,
                    id, paths_[*found.begin()], paths_[*found.rbegin()]));
  return *found.begin();
}

}  // namespace ganymede
