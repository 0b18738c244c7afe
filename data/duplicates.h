#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede {

inline constexpr int thumbnail_side = 64;

/// What is kept of an image to find it again: a 128-bit hash of its pixels (opaque alpha and
/// repeated grey channels do not count) and a grey thumbnail of 64 x 64 area means with mean 0 and
/// norm 1 (all zero for a flat image).
struct Fingerprint {
  std::array<std::uint64_t, 2> hash{};
  std::vector<float> thumbnail;
};

struct NearPair {
  int a, b;            ///< sample indices, a < b
  double correlation;  ///< of the thumbnails
};

struct Duplicates {
  std::vector<std::vector<int>> exact;  ///< sets of samples with identical pixels
  std::vector<NearPair> near;
};

Fingerprint fingerprint(const Image& image);
/// Decodes every image, on all threads. Throws FormatError that names the broken ones.
std::vector<Fingerprint> fingerprints(const Dataset& dataset);

/// Exact duplicates, and pairs nearly so: correlation of at least .98, and a distance 1 - r of at
/// most .07 of the distance to the fifth neighbour of either image, or of a quarter of that
/// distance's median where it is more. The second condition makes the criterion relative to the
/// set: fundus photographs all correlate above .98, head slices do not. Of an exact set the first
/// image stands for all. Throws DataError for identical pixels with two labels.
Duplicates find_duplicates(const Dataset& dataset, const std::vector<Fingerprint>& prints);

/// One line per set or pair, naming the files.
std::vector<std::string> describe(const Dataset& dataset, const Duplicates& duplicates);

/// How many images of each class `drop` would leave out: all but the first of every exact set.
std::vector<int> redundant_counts(const Dataset& dataset, const Duplicates& duplicates);

/// The group of each sample, numbered by first appearance: images of one patient, exact and near
/// duplicates share one, and whatever these connect.
std::vector<int> group_samples(const Dataset& dataset, const Duplicates& duplicates);

/// `data.duplicates = drop`: keeps the first of each exact set, moves the others to
/// Dataset::skipped, and returns the duplicates (near ones only) of the smaller set.
Duplicates drop_exact_duplicates(Dataset& dataset, const Duplicates& duplicates);

/// 32 hex digits over paths, labels, patients, splits and pixels: changed data change it.
std::string digest(const Dataset& dataset, const std::vector<Fingerprint>& prints);

}  // namespace ganymede
