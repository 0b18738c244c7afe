#pragma once
// Building blocks of kernels. These and the other primitives_*.cuh, of clusters and of products,
// are the only places for PTX. Every instruction that g++ does not have stands beside its emulated
// twin.

#include <cuda_runtime.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ganymede::kernels::cuda {

inline constexpr unsigned full_warp = 0xffffffffu;

/// This thread's number in its block, whatever the block's dimensions.
__device__ inline int thread_rank() {
  return static_cast<int>(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z));
}
__device__ inline int block_threads() {
  return static_cast<int>(blockDim.x * blockDim.y * blockDim.z);
}
__device__ inline int lane_index() { return thread_rank() & 31; }
__device__ inline int warp_index() { return thread_rank() >> 5; }

/// Leaves the size of a kernel's dynamic shared memory, which ptxas does not know, in its PTX for
/// bench/registers: a comment, no instruction.
template <std::size_t Bytes>
__device__ inline void note_shared_bytes() {
#if !defined(GANYMEDE_SIMT)
  asm volatile("// shared bytes %0" ::"n"(Bytes));
#endif
}

// ---- sums and maxima --------------------------------------------------------------------------
// Butterflies in a fixed order: every lane gets the same bits, on every run. All lanes of the warp
// (of the block) must call; a block has whole warps.

template <class T>
__device__ inline T warp_sum(T value) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) value += __shfl_xor_sync(full_warp, value, step);
  return value;
}

template <class T>
__device__ inline T warp_max(T value) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) {
    const T other = __shfl_xor_sync(full_warp, value, step);
    value = value < other ? other : value;
  }
  return value;
}

/// The value of the lane `lane_mask` away, of any type made of words of 4 bytes.
template <class T>
__device__ inline T shuffle_xor(const T& value, int lane_mask) {
  static_assert(sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
  std::uint32_t words[sizeof(T) / 4];
  memcpy(words, &value, sizeof value);
#pragma unroll
  for (unsigned i = 0; i < sizeof(T) / 4; ++i)
    words[i] = __shfl_xor_sync(full_warp, words[i], lane_mask);
  T other;
  memcpy(&other, words, sizeof other);
  return other;
}

/// Scratch of a block-wide reduction; a member of the kernel's `struct Shared`.
template <class T>
struct BlockScratch {
  T warps[32];
};

/// Sum over the block, given to every thread. May be called again at once with the same scratch.
template <class T>
__device__ inline T block_sum(T value, BlockScratch<T>& scratch) {
  value = warp_sum(value);
  if (lane_index() == 0) scratch.warps[warp_index()] = value;
  __syncthreads();
  value = lane_index() < block_threads() / 32 ? scratch.warps[lane_index()] : T(0);
  value = warp_sum(value);
  __syncthreads();
  return value;
}

// ---- vector loads and stores ------------------------------------------------------------------

/// Whether four floats from here can move as one float4.
__host__ __device__ inline bool aligned16(const void* p) {
  return (reinterpret_cast<std::uintptr_t>(p) & 15) == 0;
}

__device__ inline float4 load4(const float* p) { return *reinterpret_cast<const float4*>(p); }
__device__ inline void store4(float* p, float4 v) { *reinterpret_cast<float4*>(p) = v; }
/// Through the read-only path: the memory must not change while the kernel runs.
__device__ inline float4 load4_constant(const float* p) {
  return __ldg(reinterpret_cast<const float4*>(p));
}

/// Zeros from a null pointer.
__device__ inline float4 load4_or_zeros(const float* p) {
  return p ? load4_constant(p) : make_float4(0, 0, 0, 0);
}

// ---- operand rounding -------------------------------------------------------------------------

__host__ __device__ inline float from_bits(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  return std::bit_cast<float>(bits);
#endif
}
__host__ __device__ inline std::uint32_t to_bits(float x) {
#if defined(__CUDA_ARCH__)
  return __float_as_uint(x);
#else
  return std::bit_cast<std::uint32_t>(x);
#endif
}

/// Nearest value with 10 mantissa bits, ties to even, as on the CPU.
__host__ __device__ inline float round_tf32(float x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint32_t bits;
  asm("cvt.rn.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return from_bits(bits & 0xffffe000u);  // of the bits below nobody promises anything
#else
  const std::uint32_t bits = to_bits(x);
  return x != x ? x : from_bits((bits + 0xfffu + ((bits >> 13) & 1u)) & 0xffffe000u);
#endif
}
/// Nearest value with 7 mantissa bits, ties to even.
__host__ __device__ inline float round_bf16(float x) {
  const std::uint32_t bits = to_bits(x);
  return x != x ? x : from_bits((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

// ---- asynchronous copies from global to shared memory (cp.async) ------------------------------
// copies -> async_commit() closes a group -> async_wait<N>() waits for all but the newest N groups,
// of this thread only: a barrier must follow before other threads read. sm_75 copies at once.

namespace detail {

/// From the beginning of the block's shared memory; 18 bits are enough for any device.
__device__ inline unsigned shared_address(const void* p) {
#if defined(GANYMEDE_SIMT)
  return simt::shared_address(p);
#else
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
#endif
}

#if !defined(GANYMEDE_SIMT) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
template <class T>
__device__ inline void copy_at_once(void* shared, const void* global, bool valid) {
  *static_cast<T*>(shared) = valid ? *static_cast<const T*>(global) : T{};
}
#endif

}  // namespace detail

/// Copies 16 bytes; both addresses are 16-byte aligned. Writes zeros, and reads nothing, where not
/// `valid`. Cached: by way of the first-level cache, for what the block reads again soon.
template <bool Cached = false>
__device__ inline void async_copy16(void* shared, const void* global, bool valid = true) {
#if defined(GANYMEDE_SIMT)
  simt::async_copy(shared, global, 16, valid ? 16 : 0);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  detail::copy_at_once<float4>(shared, global, valid);
#else
  if constexpr (Cached)
    asm volatile(
        "cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(detail::shared_address(shared)),
        "l"(global), "r"(valid ? 16 : 0)
        : "memory");
  else
    asm volatile(
        "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(detail::shared_address(shared)),
        "l"(global), "r"(valid ? 16 : 0)
        : "memory");
#endif
}

/// The same with 8 bytes: where neighbours in memory are doubles of any extent.
__device__ inline void async_copy8(void* shared, const void* global, bool valid = true) {
#if defined(GANYMEDE_SIMT)
  simt::async_copy(shared, global, 8, valid ? 8 : 0);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  detail::copy_at_once<double>(shared, global, valid);
#else
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(detail::shared_address(shared)),
               "l"(global), "r"(valid ? 8 : 0)
               : "memory");
#endif
}

__device__ inline void async_commit() {
#if defined(GANYMEDE_SIMT)
  simt::async_commit();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most `Pending` of this thread's committed groups are still under way.
template <int Pending>
__device__ inline void async_wait() {
#if defined(GANYMEDE_SIMT)
  simt::async_wait(Pending);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
}

}  // namespace ganymede::kernels::cuda
