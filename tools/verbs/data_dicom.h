#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// What each DICOM file of a set says of its pixels, one line a file; of many the first ones.
std::vector<std::string> dicom_lines(const Dataset& dataset);
/// The same of all files, as an array.
nlohmann::ordered_json dicom_json(const Dataset& dataset);

}  // namespace ganymede
