#pragma once

#include <cstdint>

namespace ganymede::quality {

/// The resampling generator (Steele, Lea and Flood 2014): the same integers on every machine, cheap
/// to start anew for each replicate, so that replicates may run in any order.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  /// An independent generator for replicate `index` of the same seed.
  SplitMix64(std::uint64_t seed, std::uint64_t index) : state_(SplitMix64(seed).next() ^ index) {
    state_ = next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, bound), bound in [1, 2^32). The bias is below bound / 2^32.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ganymede::quality
