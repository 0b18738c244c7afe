#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/pixel_floor.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/quality/significance.h>

#include <algorithm>
#include <cmath>

namespace ganymede::quality {

namespace {

/// How one statistic separates the classes: of each class against the rest, or of the positive one.
struct Separation {
  std::vector<bool> higher;
  double auc = 0;
};

std::vector<double> column_of(std::span<const PixelStatistics> images, std::size_t statistic) {
  std::vector<double> column;
  for (const auto& image : images) column.push_back(image[statistic]);
  return column;
}

std::vector<int> ranked_classes(int classes, int positive) {
  if (classes == 2) return {positive};
  std::vector<int> all;
  for (int c = 0; c < classes; ++c) all.push_back(c);
  return all;
}

Separation separate(std::span<const double> values, std::span<const int> labels,
                    std::span<const int> classes) {
  Separation result;
  for (const int c : classes) {
    const double area = auc(values, labels, c);
    result.higher.push_back(area >= .5);
    result.auc += std::max(area, 1 - area) / double(classes.size());
  }
  return result;
}

}  // namespace

PixelStatistics pixel_statistics(std::span<const float> pixels) {
  if (pixels.empty()) throw DataError("pixel_statistics: the image has no pixels");
  std::vector<double> sorted(pixels.begin(), pixels.end());
  std::sort(sorted.begin(), sorted.end());
  double mean = 0, squares = 0;
  for (const double value : sorted) mean += value / double(sorted.size());
  for (const double value : sorted) squares += (value - mean) * (value - mean);
  const auto at = [&](double q) { return quantile_of_sorted(sorted, q); };
  return {mean,           std::sqrt(squares / double(sorted.size())),
          sorted.front(), at(.01),
          at(.05),        at(.25),
          at(.5),         at(.75),
          at(.95),        at(.99),
          sorted.back()};
}

PixelFloor pixel_floor(std::span<const PixelStatistics> development,
                       std::span<const int> development_labels,
                       std::span<const PixelStatistics> test, std::span<const int> test_labels,
                       int classes, int positive) {
  const auto ranked = ranked_classes(classes, positive);
  std::size_t chosen = 0;
  Separation best;
  for (std::size_t s = 0; s < pixel_statistic_names.size(); ++s) {
    auto candidate = separate(column_of(development, s), development_labels, ranked);
    if (candidate.auc <= best.auc) continue;
    best = std::move(candidate);
    chosen = s;
  }
  PixelFloor floor{pixel_statistic_names[chosen], best.higher.front(), best.auc, 0, {}};
  const auto values = column_of(test, chosen);
  for (const double value : values)
    for (const bool higher : best.higher) floor.test_scores.push_back(higher ? value : -value);
  floor.test_auc = classes == 2 ? auc(floor.test_scores, test_labels, positive)
                                : macro_auc(floor.test_scores, test_labels, classes);
  return floor;
}

}  // namespace ganymede::quality
