#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <ganymede/kernels/error.h>

namespace ganymede {

/// The names under which the files of a set with patients' data may appear, and the only place that
/// decides it. A file or folder is renamed to an ordinal where its name holds an id, a UID, a
/// person's name or a date that stands in the files, or looks like a UID or like the RSNA set's
/// ids; all else keeps its name, so that it can be found.
class PrivateNames {
 public:
  struct File {
    std::string path;                  ///< relative to the set's folder
    std::vector<std::string> secrets;  ///< what stands in it
  };
  explicit PrivateNames(const std::vector<File>& files);

  /// The name for everyone of a file or folder, below the set's folder or any other.
  std::string public_path(const std::string& path) const;
  /// A message without secrets: paths by their public names, all else by "(hidden)". Values of less
  /// than four characters are left, they are in every text.
  std::string hidden(const std::string& text) const;
  /// True when the word is one of the secrets, of at least four characters: "0" and "1" are classes
  /// more often than patients.
  bool is_secret(const std::string& word) const;

 private:
  bool reveals(const std::string& component) const;
  void replace(const std::string& part, const std::string& by);
  void rename_folders(const File& file);
  void rename(const File& file, std::size_t number);
  std::string unused(const std::string& name, const std::string& ending) const;

  std::unordered_set<std::string> secrets_, pieces_, taken_;  // lower case
  std::unordered_map<std::string, std::string> folders_, public_;
  std::vector<std::pair<std::string, std::string>> replacements_;  // the longest first
};

/// Runs `body`; an error of data leaves it without secrets. `names` may be null.
template <class Body>
decltype(auto) without_secrets(const PrivateNames* names, Body&& body) {
  if (!names) return body();
  try {
    return body();
  } catch (const DataError& error) {
    throw DataError(names->hidden(error.what()));
  } catch (const FormatError& error) {
    throw FormatError(names->hidden(error.what()));
  } catch (const FileError& error) {
    throw FileError(names->hidden(error.what()));
  }
}

}  // namespace ganymede
