#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

/// A made-up detection study on chest X-rays with two trainings: five arms and PCA, images turned
/// from one class to the other, the paper's figures beside them. Measured by models/quality.
namespace ganymede::test {

nlohmann::ordered_json detection_run();

/// The picture that it names, and run.json itself, with its keys in the order of the alphabet as
/// the program writes them.
void write_detection_run(const std::filesystem::path& folder);

}  // namespace ganymede::test
