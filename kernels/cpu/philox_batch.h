#pragma once
// Sixteen Philox blocks at a time. Each word of a block lies in the low half of a 64-bit lane. What
// the high halves hold does not matter: products read low halves only, and a product is at once
// both words that a round wants of it, its high half after a shift and its low half as it stands.

#include <cstdint>
#include <cstring>

#include <ganymede/kernels/cpu/simd.h>
#include <ganymede/kernels/philox.h>

namespace ganymede::kernels::cpu {

inline constexpr std::int64_t philox_batch = 16;
inline constexpr std::int64_t batch_words = 4 * philox_batch;

namespace philox_lanes {

inline constexpr int count = static_cast<int>(sizeof(Wide) / sizeof(std::uint64_t));
static_assert(philox_batch % (2 * count) == 0);

inline Wide broadcast(std::uint64_t value) { return Wide{} + value; }
inline Wide counted_from(std::uint64_t first) {
  static constexpr std::uint64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
  Wide v;
  std::memcpy(&v, numbers, sizeof v);
  return v + first;
}

/// The four words of `count` blocks.
struct Blocks {
  Wide v[4];

  explicit Blocks(std::uint64_t first) {
    v[0] = counted_from(first);
    v[1] = v[0] >> 32;
    v[2] = v[3] = Wide{};
  }
  void round(std::uint32_t k0, std::uint32_t k1) {
    const Wide p0 = product_of_low(v[0], broadcast(philox_multiplier0));
    const Wide p1 = product_of_low(v[2], broadcast(philox_multiplier1));
    v[0] = (p1 >> 32) ^ v[1] ^ broadcast(k0);
    v[1] = p1;
    v[2] = (p0 >> 32) ^ v[3] ^ broadcast(k1);
    v[3] = p0;
  }
  /// Block by block, the words of each in order.
  void store(std::uint32_t* to) const {
    const Wide low = broadcast(0xffffffffu);
    alignas(Wide) std::uint64_t first[count], second[count];
    const Wide a = (v[0] & low) | (v[1] << 32), b = (v[2] & low) | (v[3] << 32);
    std::memcpy(first, &a, sizeof a);
    std::memcpy(second, &b, sizeof b);
    std::uint64_t pairs[2 * count];
#pragma omp simd
    for (int i = 0; i < count; ++i) {
      pairs[2 * i] = first[i];
      pairs[2 * i + 1] = second[i];
    }
    std::memcpy(to, pairs, sizeof pairs);
  }
};

}  // namespace philox_lanes

/// Words of the blocks first .. first + philox_batch - 1, as `philox` gives them one by one.
inline void draw_batch(std::uint64_t first, std::uint64_t key, std::uint32_t* words) {
  using namespace philox_lanes;
  constexpr int pair = 2 * count;  // two at once: their products do not wait for each other
  for (int i = 0; i < philox_batch; i += pair) {
    const std::uint64_t at = first + static_cast<std::uint64_t>(i);
    Blocks a(at), b(at + count);
    std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < philox_rounds; ++round) {
      a.round(k0, k1);
      b.round(k0, k1);
      k0 += philox_key_step0;
      k1 += philox_key_step1;
    }
    a.store(words + 4 * i);
    b.store(words + 4 * (i + count));
  }
}

}  // namespace ganymede::kernels::cpu
