// Planning of tiled products and the second pass of epilogues.

#include <ganymede/kernels/cuda/contraction.cuh>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// y = activation(y), rows `stride` apart; a thread per element, channels fastest.
__global__ void __launch_bounds__(threads)
    activate_columns(std::int64_t rows, std::int64_t channels, std::int64_t stride,
                     Activation activation, float slope, float* y) {
  for (std::int64_t i = grid_first(); i < rows * channels; i += grid_stride()) {
    const std::int64_t row = i / channels;
    float& v = y[row * stride + (i - row * channels)];
    v = functor::activate(v, activation, slope);
  }
}

bool waits(const Epilogue& e, bool thin) {
  const bool cheap = e.activation == Activation::none || e.activation == Activation::leaky_relu;
  return e.activation != Activation::none && (e.mean || !(cheap || thin));
}

struct Candidate {
  TileKind tile;
  int m, n;
  double penalty;  ///< smaller tiles load more per multiply-add
};
constexpr Candidate fma_candidates[] = {{TileKind::large, 128, 128, 1.0},
                                        {TileKind::small, 64, 64, 1.1},
                                        {TileKind::tall, 128, 32, 1.2}};
// The cache binds the large tensor tiles (docs/performance.md): 256 x 128 brings three quarters of
// the bytes per multiply-add. Warpgroups come last, so that the others are a prefix.
constexpr Candidate tensor_candidates[] = {{TileKind::large, 128, 128, 1.0},
                                           {TileKind::small, 64, 64, 1.1},
                                           {TileKind::warpgroup, 128, 128, 1.0},
                                           {TileKind::warpgroup_tall, 256, 128, 0.75}};
constexpr int tensor_candidates_of_warps = 2;

/// Time in multiply-adds of one multiprocessor, which does `speed` times those of its FMA units. An
/// SM needs about six such warps to run at full rate; a second pass costs a launch and the traffic
/// of the partial products.
double cost(const ProductExtents& e, const Candidate& c, int splits, int multiprocessors,
            double speed) {
  constexpr double full_rate_warps = 6.0, step_overhead = 32.0;
  constexpr double launch_cost = 6e5, cost_per_partial = 80.0;
  const double tiles = double(ceil_div(e.m, c.m)) * ceil_div(e.n, c.n) * e.z;
  const double per_sm = std::ceil(tiles * splits / multiprocessors);
  const double warps = per_sm * (c.m * c.n / 64) / 32.0;
  const double work = double(c.m) * c.n * (double(e.k) / splits + step_overhead) * c.penalty;
  const double product = per_sm * work / std::min(1.0, warps / full_rate_warps);
  if (splits == 1) return product;
  return product + speed * (launch_cost +
                            cost_per_partial * splits * double(e.m) * e.n * e.z / multiprocessors);
}

ProductPlan cheapest(const ProductExtents& e, int multiprocessors, double speed,
                     std::span<const Candidate> tiles) {
  constexpr int least_k_per_split = 64, most_splits = 64;
  ProductPlan best{TileKind::small, 1};
  double lowest = std::numeric_limits<double>::infinity();
  for (const Candidate& c : tiles) {
    for (int splits = 1; splits <= most_splits; splits *= 2) {
      if (splits > 1 && e.k / splits < least_k_per_split) break;
      const double now = cost(e, c, splits, multiprocessors, speed);
      if (now < lowest) {
        lowest = now;
        best = {c.tile, splits};
      }
    }
  }
  return best;
}

/// Ten times the major plus the minor compute capability; asked once.
int compute_capability(Device device) {
  static std::atomic<int> known[64];  // 0: not asked yet
  std::atomic<int>& capability = known[device.index % 64];
  if (capability == 0) {
    const runtime::Properties p = runtime::properties(device.index);
    capability = 10 * p.compute_major + p.compute_minor;
  }
  return capability;
}

}  // namespace

ProductPlan plan_product(const ProductExtents& e, int multiprocessors) {
  return cheapest(e, multiprocessors, 1.0, fma_candidates);
}

ProductPlan plan_tensor_product(const ProductExtents& e, int multiprocessors, MathMode mode,
                                bool warpgroups) {
  const double speed = mode == MathMode::bf16 ? 8.0 : 4.0;  // of mma.sync, below its peak
  const std::span all(tensor_candidates);
  return cheapest(e, multiprocessors, speed,
                  warpgroups ? all : all.first(tensor_candidates_of_warps));
}

ProductPlan tensor_plan(Stream& stream, const ProductExtents& e, bool for_warpgroups) {
  const MathMode mode = stream.math_mode();
  const bool able = for_warpgroups && mode == MathMode::tf32 && has_warpgroups(stream.device());
  const WarpgroupScope* scope = able ? WarpgroupScope::innermost() : nullptr;
  if (scope && scope->plan()) return *scope->plan();
  return plan_tensor_product(e, multiprocessors(stream), mode, scope != nullptr);
}

int multiprocessors(Stream& stream) {
  static std::atomic<int> known[64];
  const int device = stream.device().index;
  std::atomic<int>& count = known[device % 64];
  if (count == 0) count = std::max(1, runtime::properties(device).multiprocessors);
  return count;
}

bool tensor_cores(Stream& stream) { return compute_capability(stream.device()) >= 80; }

bool has_warpgroups(Device device) {
  return GANYMEDE_HAS_SM90A && device.kind == DeviceKind::cuda && compute_capability(device) == 90;
}

int checked_extent(std::int64_t n, const char* op) {
  if (n > std::numeric_limits<int>::max() - 256)
    throw ShapeError(std::string(op) + ": an extent of " + std::to_string(n) +
                     " is above what one product takes (2^31); split the batch");
  return static_cast<int>(n);
}

Finish fused_part(const Epilogue& e, bool thin) {
  if (waits(e, thin)) return {e.bias, Activation::none, 0.0f};
  return {e.bias, e.activation, e.slope};
}

void complete(Stream& stream, const Epilogue& e, bool thin, std::int64_t rows,
              std::int64_t channels, std::int64_t stride, float* y) {
  if (e.mean) column_moments(stream, rows, channels, stride, y, e.mean, e.variance);
  if (waits(e, thin) && rows * channels > 0)
    launch(stream, grid_for(rows * channels, threads), threads, 0, activate_columns, rows, channels,
           stride, e.activation, e.slope, y);
}

}  // namespace ganymede::kernels::cuda
