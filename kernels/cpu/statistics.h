#pragma once
// Sums down the columns of a rows x channels matrix: bias gradients, batch-norm statistics. Rows
// are cut into chunks by the extents alone and chunks are combined in order, so that the bits do
// not depend on the number of threads.

#include <cstdint>

#include <ganymede/kernels/stream.h>

namespace ganymede::kernels::cpu {

/// sum[c] = sum over rows of x[row * stride + c]
void column_sums(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                 const float* x, float* sum);

/// Mean and biased variance of each column of a dense matrix.
void column_statistics(Stream& stream, std::int64_t rows, std::int64_t channels, const float* x,
                       float* mean, float* variance);

}  // namespace ganymede::kernels::cpu
