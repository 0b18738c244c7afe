#pragma once
// What device code sees: qualifiers, built-in variables, barriers, warp operations with explicit
// masks, integer atomics. There is no `__shared__`, no float atomic and no `__activemask`: the
// house rules forbid them, so that they do not compile here.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ganymede/kernels/simt/vector_types.h>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

// Kernels run one at a time under the emulator's lock, so these need not be thread-local.
inline constinit uint3 threadIdx{}, blockIdx{};
inline constinit dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace ganymede::simt {

/// What one lane brings to a warp operation and takes from it.
struct WarpSlot {
  alignas(16) std::byte in[64];
  alignas(16) std::byte out[64];
  int source = 0;  ///< the lane a shuffle reads
};

/// Computes every participant's `out` once the last lane of the mask has arrived; `warp` has 32
/// slots, `mask` names the lanes that exist. Lanes of one mask must bring the same operation:
/// anything else is reported as divergence.
using WarpOperation = void(WarpSlot* warp, unsigned mask);

WarpSlot& warp_slot();  ///< the running lane's own
void warp_operation(unsigned mask, WarpOperation* operation);
int block_barrier(bool predicate);  ///< lanes whose predicate held
void cluster_barrier();
unsigned rank_in_cluster();
int lane_in_warp();
void* shared_memory(std::size_t bytes);  ///< throws where the launch gave less
/// What lies at `mine`, in the shared memory of another block of the cluster.
const void* shared_memory_of(unsigned rank, const void* mine);
void async_copy(void* to, const void* from, unsigned bytes, unsigned valid_bytes);
void async_commit();
void async_wait(int pending_groups);
unsigned shared_address(const void* p);  ///< bytes from where the block's shared memory begins
void async_proxy_fence();
void warpgroup_fence();
/// `c` is the lane's 64 sums, `a` and `b` are descriptors as wgmma's; see primitives_products.cuh.
void warpgroup_multiply(float* c, std::uint64_t a, std::uint64_t b);
void warpgroup_commit();
void warpgroup_wait(int pending_groups);
[[noreturn]] void trap();

WarpOperation shuffle, ballot, meet;

template <class T>
T shuffle_from(unsigned mask, T value, int source) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  WarpSlot& slot = warp_slot();
  std::memcpy(slot.in, &value, sizeof value);
  slot.source = source;
  warp_operation(mask, shuffle);
  std::memcpy(&value, slot.out, sizeof value);
  return value;
}

unsigned ballot_of(unsigned mask, bool predicate);

}  // namespace ganymede::simt

inline void __syncthreads() { ganymede::simt::block_barrier(false); }
inline int __syncthreads_count(int p) { return ganymede::simt::block_barrier(p != 0); }
inline int __syncthreads_or(int p) { return ganymede::simt::block_barrier(p != 0) != 0; }
inline int __syncthreads_and(int p) { return ganymede::simt::block_barrier(p == 0) == 0; }
inline void __syncwarp(unsigned mask = ~0u) {
  ganymede::simt::warp_operation(mask, ganymede::simt::meet);
}
inline void __threadfence() {}
inline void __threadfence_block() {}
[[noreturn]] inline void __trap() { ganymede::simt::trap(); }

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize) {
  const int lane = ganymede::simt::lane_in_warp();
  return ganymede::simt::shuffle_from(mask, value, lane / width * width + source % width);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize) {
  const int lane = ganymede::simt::lane_in_warp(), source = lane ^ lane_mask;
  return ganymede::simt::shuffle_from(mask, value,
                                      source < (lane / width + 1) * width ? source : lane);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize) {
  const int lane = ganymede::simt::lane_in_warp();
  const bool inside = lane % width + static_cast<int>(delta) < width;
  return ganymede::simt::shuffle_from(mask, value, inside ? lane + static_cast<int>(delta) : lane);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize) {
  const int lane = ganymede::simt::lane_in_warp();
  const bool inside = lane % width >= static_cast<int>(delta);
  return ganymede::simt::shuffle_from(mask, value, inside ? lane - static_cast<int>(delta) : lane);
}
inline unsigned __ballot_sync(unsigned mask, int p) {
  return ganymede::simt::ballot_of(mask, p != 0);
}
inline int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
inline int __all_sync(unsigned mask, int p) { return __ballot_sync(mask, !p) == 0; }

template <class T>
T __ldg(const T* address) {
  return *address;
}

#define GANYMEDE_SIMT_ATOMICS(T)                                                                   \
  inline T atomicExch(T* a, T v) {                                                                 \
    T old = *a;                                                                                    \
    *a = v;                                                                                        \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicAdd(T* a, T v) {                                                                  \
    T old = *a;                                                                                    \
    *a =                                                                                           \
        static_cast<T>(static_cast<unsigned long long>(old) + static_cast<unsigned long long>(v)); \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicMax(T* a, T v) {                                                                  \
    T old = *a;                                                                                    \
    *a = old < v ? v : old;                                                                        \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicMin(T* a, T v) {                                                                  \
    T old = *a;                                                                                    \
    *a = v < old ? v : old;                                                                        \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicOr(T* a, T v) {                                                                   \
    T old = *a;                                                                                    \
    *a = old | v;                                                                                  \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicAnd(T* a, T v) {                                                                  \
    T old = *a;                                                                                    \
    *a = old & v;                                                                                  \
    return old;                                                                                    \
  }                                                                                                \
  inline T atomicCAS(T* a, T expected, T v) {                                                      \
    T old = *a;                                                                                    \
    if (old == expected) *a = v;                                                                   \
    return old;                                                                                    \
  }
GANYMEDE_SIMT_ATOMICS(int)
GANYMEDE_SIMT_ATOMICS(unsigned)
GANYMEDE_SIMT_ATOMICS(unsigned long long)
#undef GANYMEDE_SIMT_ATOMICS
/// Wraps at the limit: the counter of the "last block to arrive" pattern resets itself.
inline unsigned atomicInc(unsigned* a, unsigned limit) {
  const unsigned old = *a;
  *a = old >= limit ? 0 : old + 1;
  return old;
}
