#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ganymede/data/table.h>

namespace ganymede {

/// Two eyes of one patient, as the names of their images without folder and extension.
using EyePair = std::pair<std::string, std::string>;

/// The rows of messidor-2.csv (left;right). Throws DataError for an image in two rows.
std::vector<EyePair> pairs_in(const Table& table);

/// The pairs that Messidor-2's file names suggest: numbers that follow each other, in IM000012 and
/// IM000013 with at most 8 between the eyes, in 20051020_43808_0100_PP (the seconds of that day)
/// with any. Consecutive numbers always are a pair; beyond that the sum of the distances is
/// smallest, which decides who is left alone of an odd number.
std::vector<EyePair> pairs_by_name(const std::vector<std::string>& stems);

}  // namespace ganymede
