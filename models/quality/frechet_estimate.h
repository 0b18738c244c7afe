#pragma once

#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/significance.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ganymede::quality {

struct FrechetOptions {
  int replicates = 200;
  double level = .95;
  int draws = 6;  ///< subsets of each size that the extrapolation averages over
  std::uint64_t seed = 0;
  /// The distance of all images where a device has computed it already (frechet_device.h).
  std::optional<double> distance = std::nullopt;
};

/// The mean distance of subsets of one size.
struct SizePoint {
  double inverse_share = 1;  ///< all images over those in a subset, mean of both sides
  double distance = 0;
};

/// A Frechet distance with what few images do to it.
struct FrechetEstimate {
  double distance = 0;  ///< as frechet_distance
  Interval interval;
  double extrapolated = 0;  ///< to infinitely many images; may be below 0, as unbiased ones are
  Interval extrapolated_interval;
  double bias = 0;  ///< distance - extrapolated: how much the counts alone add
  int count_a = 0, count_b = 0, dims = 0;
  int replicates = 0;
  std::vector<SizePoint> sizes;

  bool fewer_than_dims() const { return count_a < dims || count_b < dims; }
  /// "12.3 (95 % interval 11.9 to 12.8; n = 100 against 120, d = 768), ..."; where there are fewer
  /// images than dims the bias is part of it.
  std::string in_words() const;
  double level = .95;
};

/// The distance, its bootstrap interval and the distance at infinitely many images.
///
/// The interval: patients (images where `groups` are empty) of both sides are drawn with
/// replacement. A resample holds about 63 % of the images, which alone makes it more distant, so
/// the spread of the resamples is laid around the estimate: estimate + (quantile - mean).
/// The extrapolation (Chong and Forsyth 2020, "Effectively unbiased FID"): mean distances of
/// subsets of 1, 4/5, 2/3, 4/7 and 1/2 of the patients of both sides, a line through them over the
/// inverse share, read off at 0. Its interval: each resample is extrapolated, from itself and its
/// two halves, and the spread is laid around likewise. With n well below d the bias is no longer
/// linear in 1/n and the extrapolation takes off less than all of it.
///
/// Deterministic by the seed; another number of threads may change the last digits (Eigen's
/// products), never the resamples. Throws ShapeError for other dims or groups of the wrong length,
/// DataError for fewer than 50 images a side (set_size.h) or fewer than two patients in a side,
/// UsageError for fewer than 2 replicates or no draw.
FrechetEstimate frechet_estimate(const Features& a, const Features& b,
                                 std::span<const int> groups_a = {},
                                 std::span<const int> groups_b = {},
                                 const FrechetOptions& options = {});

}  // namespace ganymede::quality
