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

  /// The image at position p.
  std::int32_t at(std::int64_t position);
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

/// The same for classes of unequal size: classes take turns, and each walks its own images as an
/// EpochSampler does. Any K successive positions hold each of the K classes once; a class of fewer
/// images repeats them more often. Position p is the same whenever it is asked for.
class BalancedSampler {
 public:
  /// labels: class index of each image; classes without images are left out. Throws UsageError for
  /// an empty set or a negative label.
  BalancedSampler(const std::vector<std::int32_t>& labels, std::uint64_t seed,
                  std::string_view path);

  std::int32_t at(std::int64_t position);
  std::vector<std::int32_t> batch(std::int64_t iteration, int size);

 private:
  struct OneClass {
    std::vector<std::int32_t> images;
    EpochSampler order;
  };
  std::vector<OneClass> classes_;
};

}  // namespace ganymede
