#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <ganymede/tools/run_log.h>

namespace ganymede::study {

/// Seconds spent in each stage, over all processes that worked on the run: they are kept in its
/// log.
class Timing {
 public:
  explicit Timing(const RunLog& log) : log_(log) {}

  /// Runs `body` and notes how long it took, also where it throws.
  template <class Body>
  auto stage(const std::string& name, Body body) {
    begin(name);
    try {
      auto result = body();
      end(name);
      return result;
    } catch (...) {
      end(name);
      throw;
    }
  }
  /// {stage: seconds, .., "total": seconds}
  nlohmann::ordered_json record() const;

 private:
  void begin(const std::string& name);
  void end(const std::string& name);

  const RunLog& log_;
  std::chrono::steady_clock::time_point start_;
  std::vector<std::string> stages_;
};

}  // namespace ganymede::study
