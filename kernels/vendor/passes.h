#pragma once
// Own passes around a vendor's product, which knows neither prologue nor epilogue.

#include <cstdint>

#include <ganymede/kernels/epilogue.h>
#include <ganymede/kernels/stream.h>

namespace ganymede::kernels::vendor {

/// Rows of `channels` f32, their starts so many f32 apart.
struct Rows {
  std::int64_t rows, channels, from_stride, to_stride;
};

/// to = prologue of from; a plain copy where that has no scale.
void apply_prologue(Stream&, const Rows&, const Prologue&, const float* from, float* to);

/// to = epilogue of from, and its statistics. `from` may be `to`, with the same stride.
void apply_epilogue(Stream&, const Rows&, const Epilogue&, const float* from, float* to);

/// gbias[c] = sum over rows of gy[r, c], dense.
void bias_grad(Stream&, std::int64_t rows, std::int64_t channels, const float* gy, float* gbias);

}  // namespace ganymede::kernels::vendor
