#pragma once
// The activation inside batch norm: none is a slope of 1.

#include <ganymede/kernels/cpu/simd.h>
#include <ganymede/kernels/norm.h>

namespace ganymede::kernels::cpu {

inline float slope_of(const BatchNormShape& s) {
  return s.activation == Activation::leaky_relu ? s.slope : 1.0f;
}

/// A gradient where the activation let through, else its slope's part. `pre` is what was activated,
/// by the forward's own expression, so that its sign is the same.
inline Vec masked(Vec pre, Vec gy, Vec slope) { return select_positive(pre, gy, slope * gy); }

}  // namespace ganymede::kernels::cpu
