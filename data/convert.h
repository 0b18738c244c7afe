#pragma once

#include <string>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// Writes every image as PNG of 8 or 16 bits in a layout that open_dataset reads again: with labels
/// `images/` and labels.csv (image, label, patient, and split where the set has parts), without
/// them the images side by side and, where patients are known, groups.csv for --groups. Names are
/// those of the samples with another ending. Returns the table's name, "" where there is none. The
/// folder must be missing or empty: throws FileError otherwise, SettingError for other bits, and
/// what load_image throws.
std::string write_converted(const Dataset& dataset, const std::string& folder, int bits);

}  // namespace ganymede
