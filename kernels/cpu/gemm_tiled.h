#pragma once

#include <ganymede/kernels/gemm.h>

namespace ganymede::kernels::cpu {

/// c = op(a) op(b) by register tiles: no library, no epilogue, no rounding.
void tiled_gemm(Stream& stream, const GemmShape& shape, const float* a, const float* b, float* c);

/// The bare product of this build: oneDNN's, or the tiled one.
void product(Stream& stream, const GemmShape& shape, const float* a, const float* b, float* c);

}  // namespace ganymede::kernels::cpu
