#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/similarity.h>
#include <ganymede/models/quality/splitmix.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace ganymede::quality {

namespace {

using Pair = std::pair<int, int>;

std::vector<Pair> pairs_of(int count, int most, std::uint64_t seed) {
  std::vector<Pair> pairs;
  if (std::int64_t{count} * (count - 1) / 2 <= most) {
    for (int i = 0; i < count; ++i)
      for (int j = i + 1; j < count; ++j) pairs.emplace_back(i, j);
    return pairs;
  }
  SplitMix64 random(seed, 0);
  while (int(pairs.size()) < most) {
    const int i = int(random.below(std::uint32_t(count)));
    const int j = int(random.below(std::uint32_t(count - 1)));
    pairs.emplace_back(i, j < i ? j : j + 1);  // any other image, each alike
  }
  return pairs;
}

Picture picture(const ImageSet& set, int i) {
  return {set.image(std::size_t(i)), set.height, set.width, set.channels};
}

template <class Similarity>
PairwiseSimilarity mean_over_pairs(const char* who, const ImageSet& images, int most_pairs,
                                   std::uint64_t seed, Similarity similarity) {
  check_image_set(who, images);
  if (images.count < 2)
    throw DataError(std::string(who) + ": it needs at least 2 images, got " +
                    std::to_string(images.count));
  if (most_pairs < 1) throw UsageError(std::string(who) + ": no pair is asked for");
  const auto pairs = pairs_of(images.count, most_pairs, seed);
  std::vector<double> values(pairs.size());
  // The first alone: what the pictures make impossible is thrown outside of the threads.
  values[0] = similarity(picture(images, pairs[0].first), picture(images, pairs[0].second));
#pragma omp parallel for schedule(static)
  for (std::size_t i = 1; i < pairs.size(); ++i)
    values[i] = similarity(picture(images, pairs[i].first), picture(images, pairs[i].second));
  const double n = double(values.size());
  PairwiseSimilarity result{std::accumulate(values.begin(), values.end(), 0.) / n, 0,
                            int(pairs.size())};
  for (const double value : values)
    result.sd += (value - result.mean) * (value - result.mean) / std::max(1., n - 1);
  result.sd = std::sqrt(result.sd);
  return result;
}

}  // namespace

PairwiseSimilarity mean_pairwise_ssim(const ImageSet& images, double range, int most_pairs,
                                      std::uint64_t seed) {
  return mean_over_pairs("mean_pairwise_ssim", images, most_pairs, seed,
                         [&](const Picture& a, const Picture& b) { return ssim(a, b, range); });
}

PairwiseSimilarity mean_pairwise_ms_ssim(const ImageSet& images, double range, int most_pairs,
                                         std::uint64_t seed) {
  auto result =
      mean_over_pairs("mean_pairwise_ms_ssim", images, most_pairs, seed,
                      [&](const Picture& a, const Picture& b) { return ms_ssim(a, b, range); });
  result.scales = ms_ssim_scales(std::min(images.height, images.width));
  return result;
}

}  // namespace ganymede::quality
