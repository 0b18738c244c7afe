#pragma once
// The CPU's math modes: operands are rounded to TF32 or bf16 (to nearest even) and then multiplied
// in f32, so that what a mode does to a model can be seen on any machine.

#include <bit>
#include <cstdint>

#include <ganymede/kernels/stream.h>

namespace ganymede::kernels::cpu {

/// f32 with its lowest `bits` mantissa bits rounded away. NaN and infinity stay.
inline float round_mantissa(float x, int bits) {
  const auto raw = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t odd = (raw >> bits) & 1u, half = (1u << (bits - 1)) - 1u;
  const std::uint32_t rounded = (raw + half + odd) & ~((1u << bits) - 1u);
  return std::bit_cast<float>((raw & 0x7f800000u) == 0x7f800000u ? raw : rounded);
}

/// Mantissa bits that a mode drops: 0 for fp32.
constexpr int dropped_bits(MathMode mode) {
  return mode == MathMode::tf32 ? 13 : mode == MathMode::bf16 ? 16 : 0;
}

}  // namespace ganymede::kernels::cpu
