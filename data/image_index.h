#pragma once

#include <map>
#include <string>
#include <vector>

namespace ganymede {

/// Finds image files by the ids that tables give them: with or without folder and extension, in any
/// case, integers with or without leading zeros.
class ImageIndex {
 public:
  explicit ImageIndex(const std::vector<std::string>& paths);
  /// The position in `paths`, or -1. Throws DataError, beginning with `place`, when several files
  /// fit.
  int find(const std::string& id, const std::string& place) const;

 private:
  std::vector<std::string> paths_;
  std::multimap<std::string, int> by_key_;
};

}  // namespace ganymede
