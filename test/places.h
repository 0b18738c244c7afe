#pragma once

#include <filesystem>

namespace ganymede::test {

/// Where the sources and the build tree lie: as they were compiled in, or, on a machine to which
/// the programs travelled, what GANYMEDE_SOURCE_DIR and GANYMEDE_BINARY_DIR name.
std::filesystem::path source_folder();
std::filesystem::path build_folder();

}  // namespace ganymede::test
