#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>

#include <ganymede/kernels/philox.h>

namespace ganymede {

/// Random numbers of a named path for work that never touches a device: splits, phantoms, the order
/// of images. (Bootstraps draw from quality/splitmix.h.) Words, uniform(), below() and shuffle()
/// are the same on every platform; normal() is as exact as its log and cos, and uniform(low, high)
/// may be rounded once or twice.
class HostRng {
 public:
  HostRng(std::uint64_t seed, std::string_view path) : key_(kernels::key_of(path, seed)) {}

  std::uint32_t bits() {
    const std::uint32_t word = kernels::philox(drawn_ / 4, key_).v[drawn_ % 4];
    ++drawn_;
    return word;
  }
  double uniform() { return (bits() >> 8) * 0x1p-24; }  ///< [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  std::uint32_t below(std::uint32_t bound) {  ///< [0, bound)
    return static_cast<std::uint32_t>((std::uint64_t{bits()} * bound) >> 32);
  }
  double normal() {
    const double u = 1.0 - uniform(), v = uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
  }
  /// Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
  }

 private:
  std::uint64_t key_, drawn_ = 0;
};

}  // namespace ganymede
