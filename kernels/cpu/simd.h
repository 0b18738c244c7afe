#pragma once
// One vector of f32, and one of u64, as wide as the build's processor has it. Operators are the
// compiler's.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#endif

namespace ganymede::kernels::cpu {

#if defined(__AVX512F__)
inline constexpr int lanes = 16;
using Vec = __m512;
inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline Vec broadcast(float v) { return _mm512_set1_ps(v); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
/// positive where x > 0, else negative
inline Vec select_positive(Vec x, Vec positive, Vec negative) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ), negative,
                              positive);
}
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr int lanes = 8;
using Vec = __m256;
inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline Vec broadcast(float v) { return _mm256_set1_ps(v); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline Vec select_positive(Vec x, Vec positive, Vec negative) {
  return _mm256_blendv_ps(negative, positive, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ));
}
#else
inline constexpr int lanes = 4;
using Vec = float __attribute__((vector_size(16)));
inline Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
inline Vec broadcast(float v) { return Vec{v, v, v, v}; }
inline Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
inline Vec select_positive(Vec x, Vec positive, Vec negative) {
  const auto mask = x > broadcast(0.0f);
  return mask ? positive : negative;
}
#endif

/// As many bytes of u64.
using Wide = std::uint64_t __attribute__((vector_size(sizeof(Vec))));
/// The 64-bit products of the lanes' low halves.
inline Wide product_of_low(Wide a, Wide b) {
#if defined(__AVX512F__)
  // The form without a mask reads an undefined vector, of which GCC 12 warns.
  return Wide(_mm512_maskz_mul_epu32(0xff, __m512i(a), __m512i(b)));
#elif defined(__AVX2__) && defined(__FMA__)
  return Wide(_mm256_mul_epu32(__m256i(a), __m256i(b)));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

/// The first `count` of a vector's elements, 0 to `lanes`; the others read as 0 and are not
/// written.
#if defined(__AVX512F__)
inline __mmask16 first_lanes(int count) { return static_cast<__mmask16>((1u << count) - 1); }
inline Vec load_part(const float* p, int count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), p);
}
inline void store_part(float* p, Vec v, int count) {
  _mm512_mask_storeu_ps(p, first_lanes(count), v);
}
#elif defined(__AVX2__) && defined(__FMA__)
inline __m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vec load_part(const float* p, int count) {
  return _mm256_maskload_ps(p, first_lanes(count));
}
inline void store_part(float* p, Vec v, int count) {
  _mm256_maskstore_ps(p, first_lanes(count), v);
}
#else
inline Vec load_part(const float* p, int count) {
  alignas(64) float whole[lanes] = {};
  std::memcpy(whole, p, sizeof(float) * static_cast<std::size_t>(count));
  return load(whole);
}
inline void store_part(float* p, Vec v, int count) {
  alignas(64) float whole[lanes];
  store(whole, v);
  std::memcpy(p, whole, sizeof(float) * static_cast<std::size_t>(count));
}
#endif

namespace detail {
// Swaps the upper right with the lower left square of every 2 Step x 2 Step square.
template <int Step, int... K>
inline void swap_squares(Vec* rows, std::integer_sequence<int, K...>) {
  for (int i = 0; i < lanes; ++i) {
    if (i & Step) continue;
    const Vec upper = rows[i], lower = rows[i + Step];
    rows[i] = __builtin_shufflevector(upper, lower, (K & Step ? K - Step + lanes : K)...);
    rows[i + Step] = __builtin_shufflevector(upper, lower, (K & Step ? K + lanes : K + Step)...);
  }
  if constexpr (Step > 1) swap_squares<Step / 2>(rows, std::integer_sequence<int, K...>());
}
}  // namespace detail

/// Transposes a square of `lanes` vectors in place.
inline void transpose(Vec* rows) {
  detail::swap_squares<lanes / 2>(rows, std::make_integer_sequence<int, lanes>());
}

constexpr std::int64_t round_up(std::int64_t n, std::int64_t step) {
  return (n + step - 1) / step * step;
}

}  // namespace ganymede::kernels::cpu
