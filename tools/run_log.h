#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/run_folder.h>

namespace ganymede {

/// Indented JSON. Bytes that are no UTF-8 (file names of old systems) become the replacement
/// character: JSON cannot hold them.
std::string text_of(const nlohmann::json& json, int indent = 1);

/// log.jsonl of a run folder: what happened when, a JSON object a line, over all processes that
/// worked on the run. Lines are added, never changed.
class RunLog {
 public:
  explicit RunLog(const RunFolder& folder) : path_(folder.file("log.jsonl")) {}

  /// Adds the time (UTC) and `what` ("gan/hemorrhage/seed0") to an object and appends it. Throws
  /// FileError.
  void add(const std::string& what, nlohmann::json entry) const;

  /// `field` of the last entry of `what` that has it; null where none has.
  nlohmann::json last(const std::string& what, const std::string& field) const;
  /// The sum of `field` over all entries of `what`.
  double sum(const std::string& what, const std::string& field) const;

 private:
  std::vector<nlohmann::json> values(const std::string& what, const std::string& field) const;
  std::string path_;
};

}  // namespace ganymede
