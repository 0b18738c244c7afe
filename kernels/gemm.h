#pragma once

#include <cstdint>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/epilogue.h>

namespace ganymede::kernels {

/// c (m x n) = op(a) (m x k) op(b) (k x n), row-major and dense. With `transpose_a` memory holds a
/// as k x m; with `transpose_b` b as n x k.
struct GemmShape {
  std::int64_t m, n, k;
  bool transpose_a = false, transpose_b = false;
};
using Gemm = void(Stream&, const GemmShape&, const float* a, const float* b, float* c,
                  const Epilogue&);

namespace cpu {
Gemm gemm;
}
namespace cuda {
Gemm gemm;
}
namespace vendor {
Gemm gemm;
}
inline constexpr Kernel<Gemm, cpu::gemm, cuda::gemm, vendor::gemm> gemm;

}  // namespace ganymede::kernels
