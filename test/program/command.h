#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

/// What the program did with some words on its command line.
struct Ran {
  int code;  ///< exit code, 128 + signal where one ended it
  std::string out, err;
};

/// Runs `ganymede WORDS` as a shell does, so that words are quoted as a person quotes them.
Ran ganymede_run(const std::string& words, const std::string& environment = "");

/// The same with words that must do: shows what the program said and ends the test where the exit
/// code is not 0.
Ran ganymede_done(const std::string& words);

/// What a run's folder says of it.
nlohmann::json run_json(const std::string& out);

/// A new empty folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void write_text(const std::string& path, const std::string& text);
std::string read_text(const std::string& path);
