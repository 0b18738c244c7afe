#pragma once
// Clusters of blocks (sm_90), whose blocks run at the same time and read each other's shared
// memory. Of a block that has left nothing may be read any more: a barrier of the cluster stands
// last. PTX beside its emulated twin.

#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ganymede::kernels::cuda {

/// This block's number in its cluster.
__device__ inline unsigned cluster_rank() {
#if defined(GANYMEDE_SIMT)
  return simt::rank_in_cluster();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  unsigned rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
#else
  return 0;
#endif
}

/// All threads of the cluster meet, and see what the others wrote to shared memory before. Threads
/// of a warp may come one after another: behind a branch they need not have met again.
__device__ inline void cluster_sync() {
#if defined(GANYMEDE_SIMT)
  simt::cluster_barrier();
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;" ::: "memory");
#else
  __syncthreads();
#endif
}

/// What lies at `mine` in the shared memory of the cluster's block `rank`; words of 4 bytes, or
/// 16 together.
template <class T>
__device__ inline T cluster_load(const T* mine, unsigned rank) {
  static_assert(sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
  T value;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint32_t words[sizeof(T) / 4], address;
  asm("mapa.shared::cluster.u32 %0, %1, %2;"
      : "=r"(address)
      : "r"(static_cast<unsigned>(__cvta_generic_to_shared(mine))), "r"(rank));
  if constexpr (alignof(T) == 16 && sizeof(T) == 16) {
    asm volatile("ld.shared::cluster.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(address)
                 : "memory");
  } else {
#pragma unroll
    for (unsigned i = 0; i < sizeof(T) / 4; ++i)
      asm volatile("ld.shared::cluster.u32 %0, [%1];"
                   : "=r"(words[i])
                   : "r"(address + 4 * i)
                   : "memory");
  }
  memcpy(&value, words, sizeof value);
#elif defined(GANYMEDE_SIMT)
  std::memcpy(&value, simt::shared_memory_of(rank, mine), sizeof value);
#else
  if (rank != 0) __trap();  // a cluster of one: the host asks what the code was compiled for
  value = *mine;
#endif
  return value;
}
}  // namespace ganymede::kernels::cuda
