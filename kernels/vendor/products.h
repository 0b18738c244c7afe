#pragma once
// What the vendor's libraries are asked to do: products of dense operands at multiples of 16 bytes.

#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/stream.h>
#include <ganymede/kernels/vendor/extents.h>

namespace ganymede::kernels::vendor {

/// In the vendor's order. Convolutions: x, w to y; w, gy to gx; x, gy to gw. Products: left, right.
struct Operands {
  const float *first, *second;
  float* result;
};

/// One of a convolution's three, by cuDNN, in the stream's math mode, fp32 or tf32. Throws
/// SettingError where it has no algorithm for the problem.
void contract(Stream&, Contraction, const DenseConv&, const Operands&);

/// By cuBLAS, in the stream's math mode. Operands may lie anywhere.
void multiply(Stream&, const ColumnMajorProduct&, const Operands&);

}  // namespace ganymede::kernels::vendor
