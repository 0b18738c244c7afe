// Every image against every other: the correlation of two thumbnails is their dot product.

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include <fmt/core.h>

#include <ganymede/data/duplicates.h>
#include <ganymede/data/parallel.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

constexpr float least_correlation = 0.98f;
constexpr double largest_share = 0.07;  // head CT: true pairs .03, the next .13; fundus .25
constexpr int neighbour = 5;
// Of the median distance: an image's near copies are its neighbours too.
constexpr float least_share_of_median = 0.25f;
constexpr int lanes = 16;  // partial sums, in one fixed order on every machine
constexpr int block_rows = 8;
constexpr std::size_t thumbnail_size = std::size_t{1} * thumbnail_side * thumbnail_side;
static_assert(thumbnail_size % lanes == 0);

using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));  // g++ and clang++

/// sums[k] = the dot product of row k of a block and b: the block stays in the cache, b is read
/// once, the partial sums stay in registers.
void dots(const float* const (&block)[block_rows], const float* b, float (&sums)[block_rows]) {
  Lanes partial[block_rows] = {};
  for (std::size_t i = 0; i < thumbnail_size; i += lanes) {
    Lanes mine, other;
    std::memcpy(&other, b + i, sizeof other);
    for (int k = 0; k < block_rows; ++k) {
      std::memcpy(&mine, block[k] + i, sizeof mine);
      partial[k] += mine * other;
    }
  }
  for (int k = 0; k < block_rows; ++k) {
    sums[k] = 0;
    for (int lane = 0; lane < lanes; ++lane) sums[k] += partial[k][lane];
  }
}

/// 1 - r to the fifth nearest of the other images (the farthest in smaller sets).
float neighbour_distance(std::vector<float> correlations, std::size_t self) {
  correlations.erase(correlations.begin() + static_cast<std::ptrdiff_t>(self));
  if (correlations.empty()) return 0;
  const std::size_t rank = std::min<std::size_t>(neighbour, correlations.size()) - 1;
  std::nth_element(correlations.begin(), correlations.begin() + static_cast<std::ptrdiff_t>(rank),
                   correlations.end(), std::greater<>());
  return 1 - correlations[rank];
}

struct Neighbours {
  struct Candidate {
    int sample;
    float correlation;
  };
  std::vector<float> distance;                     // to the fifth
  std::vector<std::vector<Candidate>> candidates;  // later samples that correlate enough
};

Neighbours neighbours_of(const std::vector<const Fingerprint*>& prints) {
  const std::size_t count = prints.size();
  Neighbours found{std::vector<float>(count),
                   std::vector<std::vector<Neighbours::Candidate>>(count)};
  parallel_for((count + block_rows - 1) / block_rows, [&](std::size_t number) {
    const std::size_t first = number * block_rows;
    const float* block[block_rows];
    for (std::size_t k = 0; k < block_rows; ++k)
      block[k] = prints[std::min(first + k, count - 1)]->thumbnail.data();
    std::vector<std::vector<float>> r(block_rows, std::vector<float>(count));
    for (std::size_t j = 0; j < count; ++j) {
      float sums[block_rows];
      dots(block, prints[j]->thumbnail.data(), sums);
      for (int k = 0; k < block_rows; ++k) r[k][j] = sums[k];
    }
    for (std::size_t i = first; i < std::min(first + block_rows, count); ++i) {
      for (std::size_t j = i + 1; j < count; ++j)
        if (r[i - first][j] >= least_correlation)
          found.candidates[i].push_back({static_cast<int>(j), r[i - first][j]});
      found.distance[i] = neighbour_distance(std::move(r[i - first]), i);
    }
  });
  return found;
}

float median_of(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Among `samples`, of which no two hold the same pixels: an image's exact copies would stand for
/// its neighbours.
std::vector<NearPair> near_pairs(const std::vector<Fingerprint>& prints,
                                 const std::vector<int>& samples) {
  std::vector<const Fingerprint*> different;
  for (const int i : samples) different.push_back(&prints[static_cast<std::size_t>(i)]);
  const Neighbours neighbours = neighbours_of(different);
  const float least = least_share_of_median * median_of(neighbours.distance);
  std::vector<NearPair> pairs;
  for (std::size_t a = 0; a < different.size(); ++a)
    for (const auto& [b, r] : neighbours.candidates[a]) {
      const float reference = std::max(
          least,
          std::min(neighbours.distance[a], neighbours.distance[static_cast<std::size_t>(b)]));
      if (1 - r <= largest_share * reference)
        pairs.push_back({samples[a], samples[static_cast<std::size_t>(b)], r});
    }
  return pairs;
}

void require_one_label(const Dataset& dataset, const std::vector<int>& same) {
  for (int i : same) {
    const Sample &first = dataset.samples[same.front()], &other = dataset.samples[i];
    if (first.label != other.label)
      throw DataError(fmt::format(
          "{}: '{}' and '{}' hold the same pixels, but one is labelled '{}' and the other '{}'; "
          "delete the wrong one",
          dataset.root, first.path, other.path, first.label, other.label));
  }
}

}  // namespace

Duplicates find_duplicates(const Dataset& dataset, const std::vector<Fingerprint>& prints) {
  std::map<std::array<std::uint64_t, 2>, std::vector<int>> by_hash;
  for (std::size_t i = 0; i < prints.size(); ++i)
    by_hash[prints[i].hash].push_back(static_cast<int>(i));
  Duplicates duplicates;
  std::vector<int> different;
  for (auto& [hash, same] : by_hash) {
    different.push_back(same.front());
    if (same.size() > 1) duplicates.exact.push_back(std::move(same));
  }
  std::sort(different.begin(), different.end());
  std::sort(duplicates.exact.begin(), duplicates.exact.end());
  for (const auto& same : duplicates.exact) require_one_label(dataset, same);
  duplicates.near = near_pairs(prints, different);
  return duplicates;
}

std::vector<std::string> describe(const Dataset& dataset, const Duplicates& duplicates) {
  std::vector<std::string> lines;
  for (const auto& same : duplicates.exact) {
    std::vector<std::string> paths;
    for (int i : same) paths.push_back(dataset.samples[i].path);
    lines.push_back(fmt::format("{}: identical pixels", joined(paths, " = ")));
  }
  for (const NearPair& pair : duplicates.near)
    lines.push_back(fmt::format("{} ~ {}: nearly identical (correlation {:.3f})",
                                dataset.samples[pair.a].path, dataset.samples[pair.b].path,
                                pair.correlation));
  return lines;
}

}  // namespace ganymede
