#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace ganymede::report {

/// What a plot has to show of one axis; values that are not finite are left out.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Never empty, with a margin on both sides.
  Range widened(double share) const {
    if (!(high >= low)) return {0, 1};
    const double margin = high > low ? share * (high - low) : .5;
    return {low - margin, high + margin};
  }
};

}  // namespace ganymede::report
