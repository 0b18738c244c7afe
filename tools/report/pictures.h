#pragma once

#include <ganymede/data/image.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ganymede::report {

std::string base64(std::span<const std::uint8_t> bytes);

/// A picture of the run folder (.png, .jpg) as "data:image/png;base64,...". Empty where the file is
/// not there: a report says what it has. Throws DataError for a path that leaves the folder.
std::string picture_uri(const std::filesystem::path& run_folder, const std::string& relative);

/// Fakes in rows, under each row the nearest training image of each: the `nearest` picture of
/// run.json. Both lists have the same length; throws ShapeError otherwise.
Image paired_grid(const std::vector<Image>& fakes, const std::vector<Image>& nearest, int columns,
                  int gap = 2);

}  // namespace ganymede::report
