#pragma once

#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede::blind {

/// Samples that a text file names, one image a line: its path in the data set, or its file name
/// where that is enough. Empty lines and those that begin with # are passed over. Throws FileError
/// for a missing file, DataError naming the line for an image that is not there, named twice, or
/// not clear, and for a file that names none.
std::vector<int> picked_samples(const std::string& file, const Dataset& dataset);

}  // namespace ganymede::blind
