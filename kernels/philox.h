#pragma once
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the same
// integers on every device, any element without the ones before it.

#include <array>
#include <cstdint>
#include <string_view>

#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

/// Words 0 and 2 of a block are multiplied, and both words of the key step on, in each round.
inline constexpr int philox_rounds = 10;
inline constexpr std::uint32_t philox_multiplier0 = 0xD2511F53u, philox_multiplier1 = 0xCD9E8D57u;
inline constexpr std::uint32_t philox_key_step0 = 0x9E3779B9u, philox_key_step1 = 0xBB67AE85u;

struct Philox4 {
  std::uint32_t v[4];
};

GANYMEDE_HD Philox4 philox(std::uint64_t counter, std::uint64_t key) {
  Philox4 c{
      {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0u, 0u}};
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < philox_rounds; ++round) {
    const std::uint64_t p0 = std::uint64_t{philox_multiplier0} * c.v[0];
    const std::uint64_t p1 = std::uint64_t{philox_multiplier1} * c.v[2];
    c = {{static_cast<std::uint32_t>(p1 >> 32) ^ c.v[1] ^ k0, static_cast<std::uint32_t>(p1),
          static_cast<std::uint32_t>(p0 >> 32) ^ c.v[3] ^ k1, static_cast<std::uint32_t>(p0)}};
    k0 += philox_key_step0;
    k1 += philox_key_step1;
  }
  return c;
}

/// [0, 1), 24 bits
GANYMEDE_HD float unit_float(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}

/// [low, high): rounding may reach `high`, which the interval does not hold.
GANYMEDE_HD float uniform_float(std::uint32_t bits, float low, float high) {
  const float value = low + (high - low) * unit_float(bits);
  return value < high || !(low < high) ? value : nextafterf(high, low);
}

/// 64-bit key of a path such as "gan/hemorrhage/noise" and a seed (FNV-1a, finished by splitmix64).
constexpr std::uint64_t key_of(std::string_view path, std::uint64_t seed) {
  std::uint64_t h = 0xcbf29ce484222325u ^ seed * 0x9E3779B97F4A7C15u;
  for (char c : path) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  h += 0x9E3779B97F4A7C15u;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
  return h ^ (h >> 31);
}

}  // namespace ganymede::kernels
