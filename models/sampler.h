#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ganymede {

/// The order in which a training walks its images: one random permutation after the other, without
/// a seam, so that every batch is full and every image comes equally often. Position p is the same
/// whenever it is asked for: a resumed training goes on with the same images.
class EpochSampler {
 public:
  /// Throws UsageError for an empty set.
  EpochSampler(std::int64_t count, std::uint64_t seed, std::string_view path, bool shuffle = true);

  /// Images of batch `iteration` (0, 1, ...).
  std::vector<std::int32_t> batch(std::int64_t iteration, int size);

 private:
  const std::vector<std::int32_t>& permutation(std::int64_t epoch);

  std::int64_t count_;
  std::uint64_t seed_;
  std::string path_;
  bool shuffle_;
  std::int64_t epoch_ = -1;
  std::vector<std::int32_t> order_;
};

}  // namespace ganymede
