#include "test/program/command.h"
#include "test/places.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>

Ran ganymede_run(const std::string& words, const std::string& environment) {
  const TemporaryFolder folder;
  const std::string out = folder / "out", err = folder / "err";
  const std::string command = environment + " '" + ganymede::test::build_folder().string() +
                              "/tools/ganymede' " + words + " >'" + out + "' 2>'" + err +
                              "' </dev/null";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, read_text(out), read_text(err)};
}

Ran ganymede_done(const std::string& words) {
  Ran ran = ganymede_run(words);
  INFO(words << '\n' << ran.err);
  REQUIRE(ran.code == 0);
  return ran;
}

nlohmann::json run_json(const std::string& out) {
  return nlohmann::json::parse(read_text(out + "/run.json"));
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "ganymede_test_XXXXXX").string();
  if (!mkdtemp(name.data())) throw ganymede::FileError("no temporary folder " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
