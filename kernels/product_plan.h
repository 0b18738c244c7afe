#pragma once
// How a product is cut over a CUDA device, and who may choose warpgroups for it.

#include <cstdint>
#include <optional>

#include <ganymede/kernels/stream.h>

namespace ganymede::kernels::cuda {

/// Tiles of the result: 128 x 128, 128 x 32, 64 x 64; by warpgroups 128 x 128 and 256 x 128.
enum class TileKind : std::uint8_t { large, tall, small, warpgroup, warpgroup_tall };

struct ProductPlan {
  TileKind tile;
  int splits;  ///< parts of k, added by a second kernel
};

/// Whether the device has wgmma and the build has code for it (compute capability 9.0 and sm_90a).
/// In builds with CUDA only.
bool has_warpgroups(Device device);

/// While one lives, products of this thread in TF32 that warpgroups can take (hopper_product.cuh)
/// on a device that has them may go to them: by `plan` where it is given, else where the cost model
/// finds them cheaper. Without one they never do: that they win has to be measured first. The
/// innermost scope counts. Operands are truncated to TF32 there, not rounded.
class WarpgroupScope {
 public:
  explicit WarpgroupScope(std::optional<ProductPlan> plan = {}) : plan_(plan), before_(innermost_) {
    innermost_ = this;
  }
  ~WarpgroupScope() { innermost_ = before_; }
  WarpgroupScope(const WarpgroupScope&) = delete;
  WarpgroupScope& operator=(const WarpgroupScope&) = delete;

  static const WarpgroupScope* innermost() { return innermost_; }  ///< of this thread, or null
  const std::optional<ProductPlan>& plan() const { return plan_; }

 private:
  std::optional<ProductPlan> plan_;
  const WarpgroupScope* before_;
  inline static thread_local const WarpgroupScope* innermost_ = nullptr;
};

}  // namespace ganymede::kernels::cuda
