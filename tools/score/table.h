#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace ganymede::score {

/// The scores of run.json for a terminal: each number with what it was measured on.
std::string table_text(const nlohmann::ordered_json& run);

}  // namespace ganymede::score
