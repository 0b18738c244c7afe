#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

/// A made-up study of five grades with a Wasserstein GAN: uneven classes, one GAN for all of them,
/// fakes labelled by a classifier, several seeds, two networks. Measured by models/quality.
namespace ganymede::test {

nlohmann::ordered_json five_class_run();

/// The pictures that it names, and run.json itself.
void write_five_class_run(const std::filesystem::path& folder);

}  // namespace ganymede::test
