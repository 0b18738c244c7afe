#pragma once
// What conv and gemm do before and after the bare product: operands made dense, passed through the
// prologue and rounded; results given bias, statistics and activation.

#include <cstdint>

#include <ganymede/kernels/cpu/workspace.h>
#include <ganymede/kernels/epilogue.h>

namespace ganymede::kernels::cpu {

/// A dense f32 matrix, either the caller's own memory or a prepared copy.
struct Operand {
  Workspace block;
  const float* data = nullptr;
};

/// rows x channels, row starts `stride` apart. Copies only where stride, prologue or math mode ask.
Operand prepare(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                const float* x, const Prologue& prologue = {});

/// y + bias, its statistics and the activation, on a dense rows x channels matrix. `biased` tells
/// that the product has added the bias already.
void finish(Stream& stream, std::int64_t rows, std::int64_t channels, float* y,
            const Epilogue& epilogue, bool biased = false);

}  // namespace ganymede::kernels::cpu
