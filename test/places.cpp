#include "test/places.h"

#include <cstdlib>

namespace ganymede::test {
namespace {

std::filesystem::path named(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

}  // namespace

std::filesystem::path source_folder() { return named("GANYMEDE_SOURCE_DIR", GANYMEDE_SOURCE_DIR); }
std::filesystem::path build_folder() { return named("GANYMEDE_BINARY_DIR", GANYMEDE_BINARY_DIR); }

std::string real_data(const std::string& name) {
  const std::filesystem::path root =
      named("GANYMEDE_TEST_DATA", (source_folder() / "../shared/data").c_str());
  std::error_code error;
  return std::filesystem::exists(root / name, error) ? (root / name).string() : "";
}

}  // namespace ganymede::test
