#pragma once
// One warpgroup's product, and the ways to get it wrong (planted faults).

#include <cstdint>

#include <ganymede/kernels/stream.h>

namespace ganymede::test {

enum class WarpgroupFault : std::uint8_t {
  none,
  no_wait,            ///< the sums are read while the product is under way
  overwritten,        ///< so is an operand, and written to
  no_proxy_fence,     ///< wgmma may not see the copies yet
  no_register_fence,  ///< nor what was done to the sums
  late_copies,        ///< the fence for wgmma comes before the copies' wait
  missing_warp,       ///< one warp does not take part
  other_operand,      ///< one warp brings another descriptor
  misplaced           ///< operands lie where the swizzle's pattern does not begin
};

/// c (64 x 128) = 1 + a (64 x 32) b^T (128 x 32) in TF32, by 128 threads.
void warpgroup_product(Stream&, const float* a, const float* b, float* c, WarpgroupFault fault);

}  // namespace ganymede::test
