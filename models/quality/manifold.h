#pragma once

#include <ganymede/models/quality/frechet.h>

namespace ganymede::quality {

/// Improved precision and recall (Kynkaanniemi et al. 2019). A set's balls reach from each image to
/// its k-th nearest other one.
struct PrecisionRecall {
  double precision = 0;  ///< share of fakes inside (<=) some real image's ball
  double recall = 0;     ///< share of reals inside (<=) some fake's ball
  int neighbours = 0;
};

/// Throws ShapeError for other dims, DataError for k images or fewer in either set.
PrecisionRecall precision_recall(const Features& real, const Features& fake, int neighbours = 3);

/// Density and coverage (Naeem et al. 2020): balls around reals alone, which outlying fakes cannot
/// stretch.
struct DensityCoverage {
  double density = 0;   ///< mean number of real balls that a fake is inside (<) of, over k; may
                        ///< exceed 1
  double coverage = 0;  ///< share of reals whose ball holds (<) a fake
  int neighbours = 0;
};

/// Errors as precision_recall.
DensityCoverage density_coverage(const Features& real, const Features& fake, int neighbours = 5);

}  // namespace ganymede::quality
