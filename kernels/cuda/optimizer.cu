// Multi-tensor optimiser steps. The tensors' pointers travel by value in the kernel's parameters
// (under the 4 KiB that every device takes), so nothing is uploaded and a captured graph keeps
// them. One launch serves up to `most_slots` tensors: they are cut into pieces of `piece` elements,
// a block each, and a block finds its tensor by bisection in the table of first blocks.

#include <algorithm>
#include <cmath>

#include <ganymede/kernels/functors.h>
#include <ganymede/kernels/optimizer.h>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int threads = 256, per_thread = 8, piece = threads * per_thread, most_slots = 80;

struct SlotTable {
  int slots;
  bool last;  ///< launch of this step
  std::uint32_t first_block[most_slots + 1];
  ParameterSlot slot[most_slots];
};
static_assert(sizeof(SlotTable) + 64 <= 4096);

template <class Update>
__global__ void __launch_bounds__(threads)
    update_slots(const __grid_constant__ SlotTable table, Update update) {
  int low = 0, high = table.slots;  // the slot whose blocks hold this one
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (table.first_block[middle] <= blockIdx.x ? low : high) = middle;
  }
  const ParameterSlot& slot = table.slot[low];
  const Update step = update.prepared();
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x - table.first_block[low]) * piece;
  const std::int64_t end = first + piece < slot.n ? first + piece : slot.n;
  for (std::int64_t i = first + threadIdx.x; i < end; i += threads) step(slot, i);
  if constexpr (Update::counts_steps) update.leave(table.last);
}

template <class Update>
void run(Stream& stream, std::span<const ParameterSlot> slots, const Update& update) {
  SlotTable table{};
  std::uint32_t blocks = 0;
  const auto filled =
      std::count_if(slots.begin(), slots.end(), [](const auto& s) { return s.n > 0; });
  std::ptrdiff_t taken = 0;
  const auto flush = [&] {
    table.last = taken == filled;
    launch(stream, blocks, threads, 0, update_slots<Update>, table, update);
    table.slots = 0;
    blocks = 0;
  };
  for (const ParameterSlot& slot : slots) {
    if (slot.n <= 0) continue;
    table.slot[table.slots] = slot;
    blocks += static_cast<std::uint32_t>(ceil_div<std::int64_t>(slot.n, piece));
    table.first_block[++table.slots] = blocks;
    ++taken;
    if (table.slots == most_slots) flush();
  }
  if (table.slots > 0) flush();
}

/// 1 - beta^t as -expm1(t log beta): exact where beta^t is near 1. log_beta comes from the host, in
/// double.
__device__ float bias_correction(float log_beta, float t) { return -std::expm1(t * log_beta); }

/// Kingma & Ba 2015: m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2,
/// w -= lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon)
struct AdamUpdate {
  AdamOptions o;
  float log_beta1, log_beta2;
  const float* lr;
  /// The lower half is the number of steps done. The upper half counts the blocks that are through:
  /// the last one puts it back to 0 and the number up by one, when nobody reads it any more.
  unsigned long long* steps;
  float rate = 0.0f, correction1 = 1.0f, correction2 = 1.0f;
  static constexpr bool counts_steps = true;

  __device__ void leave(bool last_launch) const {
    constexpr unsigned long long one_block = 1ull << 32;
    __syncthreads();
    if (!last_launch || threadIdx.x != 0) return;
    __threadfence();  // what the block read of it comes before the last one's write
    const unsigned long long before = atomicAdd(steps, one_block);
    if (before >> 32 == gridDim.x - 1) *steps = static_cast<std::uint32_t>(before) + 1ull;
  }
  __device__ AdamUpdate prepared() const {
    AdamUpdate u = *this;
    const float t = static_cast<float>(static_cast<std::uint32_t>(*steps) + 1u);
    u.rate = *lr;
    u.correction1 = bias_correction(log_beta1, t);
    u.correction2 = bias_correction(log_beta2, t);
    return u;
  }
  __device__ void operator()(const ParameterSlot& s, std::int64_t i) const {
    const float w = s.value[i], g = s.grad[i] + o.weight_decay * w;
    const float m = o.beta1 * s.first[i] + (1.0f - o.beta1) * g;
    const float v = o.beta2 * s.second[i] + (1.0f - o.beta2) * g * g;
    s.first[i] = m;
    s.second[i] = v;
    s.value[i] = w - rate * (m / correction1) / (std::sqrt(v / correction2) + o.epsilon);
  }
};

struct RmsPropUpdate {
  static constexpr bool counts_steps = false;
  RmsPropOptions o;
  const float* lr;
  float rate = 0.0f;

  __device__ RmsPropUpdate prepared() const { return {o, lr, *lr}; }
  __device__ void operator()(const ParameterSlot& s, std::int64_t i) const {
    const float w = s.value[i], g = s.grad[i] + o.weight_decay * w;
    const float v = o.rho * s.second[i] + (1.0f - o.rho) * g * g;
    s.second[i] = v;
    s.value[i] = w - rate * g / (std::sqrt(v) + o.epsilon);
  }
};

struct SgdUpdate {
  static constexpr bool counts_steps = false;
  SgdOptions o;
  const float* lr;
  float rate = 0.0f;

  __device__ SgdUpdate prepared() const { return {o, lr, *lr}; }
  __device__ void operator()(const ParameterSlot& s, std::int64_t i) const {
    const float w = s.value[i], g = s.grad[i] + o.weight_decay * w;
    float direction = g;
    if (s.first) {
      const float m = o.momentum * s.first[i] + g;
      s.first[i] = m;
      direction = o.nesterov ? g + o.momentum * m : m;
    }
    s.value[i] = w - rate * direction;
  }
};

struct EmaUpdate {
  static constexpr bool counts_steps = false;
  const float* decay;
  float share = 0.0f;

  __device__ EmaUpdate prepared() const { return {decay, 1.0f - *decay}; }
  __device__ void operator()(const ParameterSlot& s, std::int64_t i) const {
    s.first[i] += share * (s.value[i] - s.first[i]);
  }
};

struct ClipUpdate {
  static constexpr bool counts_steps = false;
  float bound;

  __device__ ClipUpdate prepared() const { return *this; }
  __device__ void operator()(const ParameterSlot& s, std::int64_t i) const {
    s.value[i] = functor::clamp(s.value[i], -bound, bound);
  }
};

}  // namespace

void adam(Stream& stream, std::span<const ParameterSlot> slots, const AdamOptions& options,
          const float* lr, std::int64_t* steps) {
  run(stream, slots,
      AdamUpdate{options, static_cast<float>(std::log(static_cast<double>(options.beta1))),
                 static_cast<float>(std::log(static_cast<double>(options.beta2))), lr,
                 reinterpret_cast<unsigned long long*>(steps)});
}

void rmsprop(Stream& stream, std::span<const ParameterSlot> slots, const RmsPropOptions& options,
             const float* lr) {
  run(stream, slots, RmsPropUpdate{options, lr});
}

void sgd(Stream& stream, std::span<const ParameterSlot> slots, const SgdOptions& options,
         const float* lr) {
  run(stream, slots, SgdUpdate{options, lr});
}

void ema(Stream& stream, std::span<const ParameterSlot> slots, const float* decay) {
  run(stream, slots, EmaUpdate{decay});
}

void clip(Stream& stream, std::span<const ParameterSlot> slots, float bound) {
  run(stream, slots, ClipUpdate{bound});
}

}  // namespace ganymede::kernels::cuda
