#pragma once

#include <string>
#include <vector>

#include <ganymede/models/recipe.h>

namespace ganymede {

/// A setting that is not the recipe's: the data's fingerprint, the arms of the command line.
struct RunSetting {
  std::string name;  ///< without a dot
  std::string value;
  /// For a person, where the value itself tells none anything ("40 images of ~/set"); two that
  /// differ in this alone are the same.
  std::string in_words{};
};

/// For verbs that do not continue what is there. Throws SettingError, beginning with the verb,
/// where `out` is a file or holds anything.
void require_new_folder(const std::string& verb, const std::string& out);

/// The folder of one run. It holds `run.toml`: the resolved recipe, and a table [run] with the
/// rest, the hash of the stream's table of kernels included. The same settings continue the run;
/// others leave the folder as it is. While it is open, no other process opens it.
class RunFolder {
 public:
  /// Creates the folder, or opens the one there. Throws SettingError naming the keys that differ,
  /// for a folder that is in use or holds something else; FileError where it cannot be written.
  static RunFolder open(const std::string& path, const Recipe& recipe,
                        const std::vector<RunSetting>& settings);
  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;

  const std::string& path() const { return path_; }
  /// Whether the run had been started before.
  bool continued() const { return continued_; }
  /// The path of a file in the folder; makes the folders on the way.
  std::string file(const std::string& name) const;
  bool has(const std::string& name) const;

 private:
  RunFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;  ///< descriptor of the lock file
  bool continued_ = false;
};

}  // namespace ganymede
