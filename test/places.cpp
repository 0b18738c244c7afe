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

}  // namespace ganymede::test
