#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

/// A made-up but consistent study: predictions and images from a generator, measured, judged and
/// audited by models/quality as a study does it.
namespace ganymede::test {

/// The run.json. Names hold characters that HTML would take for markup.
nlohmann::ordered_json sample_run();

/// The pictures that it names, and run.json itself.
void write_sample_run(const std::filesystem::path& folder);

}  // namespace ganymede::test
