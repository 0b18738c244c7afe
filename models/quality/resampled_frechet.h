#pragma once

#include <ganymede/models/quality/frechet.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// Frechet distances of many resamples of the same two sets. A resample says how often each image
/// occurs. Where the sets are not much larger than the dims, all that depends on the features is
/// computed once (the cross products), and a resample costs the eigenvalues of a matrix of the
/// images that it drew: no products of features. Good to about 1e-7 of the traces.
class ResampledFrechet {
 public:
  /// Throws ShapeError for other dims. Keeps copies, centred.
  ResampledFrechet(const Features& a, const Features& b);

  /// Counts per image of each set; at least 2 draws on either side.
  double distance(std::span<const int> counts_a, std::span<const int> counts_b) const;

 private:
  int dims_ = 0;
  Features a_, b_;             // the mean over both sets taken off
  std::vector<double> cross_;  // a_ b_^T in columns; empty where factors are cheaper
};

}  // namespace ganymede::quality
