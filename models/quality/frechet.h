#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ganymede::quality {

/// One row of features per image, kept in double.
struct Features {
  /// Row-major, count x dims. Throws ShapeError where the values do not fill it, DataError for a
  /// value that is not finite.
  Features(std::span<const float> from, int rows, int columns);
  Features(std::span<const double> from, int rows, int columns);

  std::vector<double> values;
  int count;
  int dims;
};

/// Mean and covariance (divided by count - 1) of a feature set.
struct Moments {
  int dims = 0;
  int count = 0;
  std::vector<double> mean;
  std::vector<double> covariance;  ///< dims x dims
};

/// Throws DataError for fewer than 2 images: a single one has no covariance.
Moments moments(const Features& features);

/// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2), at least 0 (Heusel et al. 2017). Always to be printed
/// with the features, dims and counts: it is "FID" only on Inception features, and its bias depends
/// on the counts.
/// Exact for any counts, fewer than dims too: the trace of the root is the nuclear norm of the
/// centred cross products, A1 A2^T / sqrt((n1-1)(n2-1)); no root of a product is ever taken.
/// Throws ShapeError for other dims, DataError for fewer than 2 images in either set.
double frechet_distance(const Features& a, const Features& b);

/// The same from moments, by the eigenvalues of S1^1/2 S2 S1^1/2; for stored statistics. Loses
/// digits where a covariance has no full rank.
double frechet_distance(const Moments& a, const Moments& b);

/// Kernel distance: unbiased squared MMD with k(x, y) = (x.y / dims + 1)^3 (Binkowski et al. 2018).
/// May be below 0.
struct Kid {
  double mean = 0;
  double sd = 0;              ///< between subsets (n - 1); 0 for one
  double standard_error = 0;  ///< of the statistic of all images, by leaving out one at a time
  int subsets = 0;
  int subset_size = 0;
};

/// Mean over `subsets` draws, without replacement, of min(counts, 1000) images of each set; one
/// draw where that is all of both, whose spread is then `standard_error` alone (images counted as
/// independent: repeated patients make it too small). Deterministic by `seed`. Holds 8 bytes for
/// each pair of images. Throws ShapeError for other dims, DataError for fewer than 2 images in
/// either set; what is reported wants 50 (set_size.h).
Kid kid(const Features& a, const Features& b, int subsets = 100, std::uint64_t seed = 0);

}  // namespace ganymede::quality
