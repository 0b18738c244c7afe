#pragma once

#include <filesystem>
#include <string>

namespace ganymede::test {

/// Where the sources and the build tree lie: as they were compiled in, or, on a machine to which
/// the programs travelled, what GANYMEDE_SOURCE_DIR and GANYMEDE_BINARY_DIR name.
std::filesystem::path source_folder();
std::filesystem::path build_folder();

/// The real data set of that name: in GANYMEDE_TEST_DATA, else in shared/data beside the checkout;
/// "" where this machine has none.
std::string real_data(const std::string& name);

}  // namespace ganymede::test
