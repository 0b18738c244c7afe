#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

namespace ganymede::quality {

inline constexpr std::array pixel_statistic_names{"mean",
                                                  "standard deviation",
                                                  "minimum",
                                                  "1st percentile",
                                                  "5th percentile",
                                                  "25th percentile",
                                                  "median",
                                                  "75th percentile",
                                                  "95th percentile",
                                                  "99th percentile",
                                                  "maximum"};

/// The statistics above of one image's values, whatever its size. Throws DataError for no value.
using PixelStatistics = std::array<double, pixel_statistic_names.size()>;
PixelStatistics pixel_statistics(std::span<const float> pixels);

/// The floor that a classifier must beat: the AUC of one number per image.
struct PixelFloor {
  std::string statistic;
  bool higher_is_positive = true;  ///< for two classes
  double development_auc = 0;
  double test_auc = 0;
  std::vector<double> test_scores;  ///< as metric.h's Predictions::scores, for an interval
};

/// Chooses statistic and direction (of each class against the rest) on the development part, which
/// is training and validation, and reports the chosen one on the test part. The first of equally
/// good ones wins. Macro AUC for more than two classes. Errors as auc().
PixelFloor pixel_floor(std::span<const PixelStatistics> development,
                       std::span<const int> development_labels,
                       std::span<const PixelStatistics> test, std::span<const int> test_labels,
                       int classes, int positive);

}  // namespace ganymede::quality
