#pragma once

#include <ganymede/models/quality/image_set.h>

#include <cstdint>

namespace ganymede::quality {

/// Mean over all pairs of images of their mean absolute difference per value: 0 where a generator
/// has collapsed to one picture. Throws DataError for fewer than 2 images.
double mean_pairwise_l1(const ImageSet& images);

/// How alike the images of a set are among themselves. To be held against the same of real images:
/// a value above theirs means fewer kinds of pictures.
struct PairwiseSimilarity {
  double mean = 0;  ///< 1 where all are one picture
  double sd = 0;    ///< between pairs (n - 1); 0 for one
  int pairs = 0;
  int scales = 1;  ///< of MS-SSIM: 5 from 176 pixels on, fewer below (similarity.h)
};

/// Mean SSIM over the pairs: over all of them where they are at most `most_pairs`, otherwise over
/// that many drawn at random, deterministic by `seed`. `range` is the span of possible values.
/// Throws DataError for fewer than 2 images, and as similarity.h's ssim; UsageError for no pair.
PairwiseSimilarity mean_pairwise_ssim(const ImageSet& images, double range, int most_pairs = 2000,
                                      std::uint64_t seed = 0);

/// The same of MS-SSIM.
PairwiseSimilarity mean_pairwise_ms_ssim(const ImageSet& images, double range,
                                         int most_pairs = 2000, std::uint64_t seed = 0);

}  // namespace ganymede::quality
