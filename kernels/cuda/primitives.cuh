#pragma once
// Building blocks of kernels, and the only place for PTX. Every instruction that g++ does not have
// stands beside its emulated twin.

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

// ---- clusters of blocks (sm_90) ---------------------------------------------------------------
// The blocks of a cluster run at the same time and read each other's shared memory. Of a block that
// has left nothing may be read any more: a barrier of the cluster stands last.

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

/// What lies at `mine` in the shared memory of the cluster's block `rank`; words of 4 bytes.
template <class T>
__device__ inline T cluster_load(const T* mine, unsigned rank) {
  static_assert(sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
  T value;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint32_t words[sizeof(T) / 4], address;
  asm("mapa.shared::cluster.u32 %0, %1, %2;"
      : "=r"(address)
      : "r"(static_cast<unsigned>(__cvta_generic_to_shared(mine))), "r"(rank));
#pragma unroll
  for (unsigned i = 0; i < sizeof(T) / 4; ++i)
    asm volatile("ld.shared::cluster.u32 %0, [%1];"
                 : "=r"(words[i])
                 : "r"(address + 4 * i)
                 : "memory");
  memcpy(&value, words, sizeof value);
#elif defined(GANYMEDE_SIMT)
  std::memcpy(&value, simt::shared_memory_of(rank, mine), sizeof value);
#else
  if (rank != 0) __trap();  // a cluster of one: the host asks what the code was compiled for
  value = *mine;
#endif
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
  const std::uint32_t bits = to_bits(x);
  return x != x ? x : from_bits((bits + 0xfffu + ((bits >> 13) & 1u)) & 0xffffe000u);
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
/// `valid`.
__device__ inline void async_copy16(void* shared, const void* global, bool valid = true) {
#if defined(GANYMEDE_SIMT)
  simt::async_copy(shared, global, 16, valid ? 16 : 0);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  detail::copy_at_once<float4>(shared, global, valid);
#else
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

// ---- products of small matrices by a whole warp -----------------------------------------------

namespace detail {

#if defined(GANYMEDE_SIMT)
struct MmaF64 {
  double c[4], a[2], b;
};
inline void mma_f64_twin(simt::WarpSlot* warp, unsigned) {
  MmaF64 lanes[32];
  for (int l = 0; l < 32; ++l) std::memcpy(&lanes[l], warp[l].in, sizeof lanes[l]);
  for (int l = 0; l < 32; ++l) {
    MmaF64 mine = lanes[l];
    for (int k = 0; k < 4; ++k)
      for (int v = 0; v < 4; ++v)
        mine.c[v] =
            fma(lanes[l / 4 * 4 + k].a[v / 2], lanes[(l % 4 * 2 + v % 2) * 4 + k].b, mine.c[v]);
    std::memcpy(warp[l].out, mine.c, sizeof mine.c);
  }
}
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
/// Eight rows of the product, for devices without double precision in their tensor cores.
__device__ inline void mma_f64_rows(double& c0, double& c1, double a, double b) {
  const int lane = lane_index();
#pragma unroll 1
  for (int k = 0; k < 4; ++k) {
    const double left = __shfl_sync(full_warp, a, lane / 4 * 4 + k);
    c0 = fma(left, __shfl_sync(full_warp, b, lane % 4 * 8 + k), c0);
    c1 = fma(left, __shfl_sync(full_warp, b, lane % 4 * 8 + 4 + k), c1);
  }
}
#else
__device__ inline void mma_f64_rows(double& c0, double& c1, double a, double b) {
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(c0), "+d"(c1)
               : "d"(a), "d"(b));
}
#endif

}  // namespace detail

/// c (16 x 8) += a (16 x 4) b (4 x 8) in double, by all lanes of a warp. With g = lane / 4 and
/// t = lane % 4 a lane brings a[g, t] and a[g + 8, t], and b[t, g]; it owns c[g, 2 t], c[g, 2 t +
/// 1], c[g + 8, 2 t], c[g + 8, 2 t + 1].
__device__ inline void mma_f64(double (&c)[4], const double (&a)[2], double b) {
#if defined(GANYMEDE_SIMT)
  simt::WarpSlot& slot = simt::warp_slot();
  const detail::MmaF64 in{{c[0], c[1], c[2], c[3]}, {a[0], a[1]}, b};
  std::memcpy(slot.in, &in, sizeof in);
  simt::warp_operation(full_warp, detail::mma_f64_twin);
  std::memcpy(c, slot.out, sizeof c);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ == 900
  asm volatile(
      "mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
      "{%0, %1, %2, %3};"
      : "+d"(c[0]), "+d"(c[1]), "+d"(c[2]), "+d"(c[3])
      : "d"(a[0]), "d"(a[1]), "d"(b));
#else
  detail::mma_f64_rows(c[0], c[1], a[0], b);
  detail::mma_f64_rows(c[2], c[3], a[1], b);
#endif
}

namespace detail {

/// What a lane brings to a product with 32-bit operand registers, and what it gets back.
struct MmaF32 {
  float c[4];
  std::uint32_t a[4], b[2];
};
#if defined(GANYMEDE_SIMT)
/// c += a b of a warp, `Depth` deep in registers of `PerRegister` values along k; `value` takes one
/// out of a register.
template <int PerRegister, class Value>
void mma_f32_twin(simt::WarpSlot* warp, Value value) {
  MmaF32 lanes[32];
  for (int l = 0; l < 32; ++l) std::memcpy(&lanes[l], warp[l].in, sizeof lanes[l]);
  for (int l = 0; l < 32; ++l) {
    MmaF32 mine = lanes[l];
    for (int v = 0; v < 4; ++v)
      for (int half = 0; half < 2; ++half)       // of k: a's second, b's first index
        for (int t = 0; t < 4; ++t)              // the lane of a group of four
          for (int e = 0; e < PerRegister; ++e)  // within a register
            mine.c[v] += value(lanes[l / 4 * 4 + t].a[2 * half + v / 2], e) *
                         value(lanes[(l % 4 * 2 + v % 2) * 4 + t].b[half], e);
    std::memcpy(warp[l].out, mine.c, sizeof mine.c);
  }
}
inline void mma_tf32_twin(simt::WarpSlot* warp, unsigned) {  // the low 13 bits are not looked at
  mma_f32_twin<1>(warp, [](std::uint32_t r, int) { return from_bits(r & 0xffffe000u); });
}
inline void mma_bf16_twin(simt::WarpSlot* warp, unsigned) {
  mma_f32_twin<2>(warp,
                  [](std::uint32_t r, int e) { return from_bits(e ? r & 0xffff0000u : r << 16); });
}
template <class Twin>
void mma_f32_by(Twin twin, float (&c)[4], const std::uint32_t (&a)[4],
                const std::uint32_t (&b)[2]) {
  simt::WarpSlot& slot = simt::warp_slot();
  const MmaF32 in{{c[0], c[1], c[2], c[3]}, {a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  std::memcpy(slot.in, &in, sizeof in);
  simt::warp_operation(full_warp, twin);
  std::memcpy(c, slot.out, sizeof c);
}
#endif

}  // namespace detail

/// An operand register of mma_tf32: rounded to nearest, ties to even.
__device__ inline std::uint32_t tf32_register(float v) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint32_t bits;
  asm("cvt.rn.tf32.f32 %0, %1;" : "=r"(bits) : "f"(v));
  return bits;
#else
  return to_bits(round_tf32(v));
#endif
}

/// An operand register of mma_bf16: `low` is the one of lower k.
__device__ inline std::uint32_t bf16_register(float low, float high) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  std::uint32_t bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
#else
  return to_bits(round_bf16(high)) | to_bits(round_bf16(low)) >> 16;
#endif
}

/// c (16 x 8) += a (16 x 8) b (8 x 8) in TF32, by all lanes of a warp. With g = lane / 4 and t =
/// lane % 4 a lane brings a[g, t], a[g + 8, t], a[g, t + 4], a[g + 8, t + 4], and b[t, g], b[t + 4,
/// g]; it owns c as in mma_f64. Devices before sm_80 cannot.
__device__ inline void mma_tf32(float (&c)[4], const std::uint32_t (&a)[4],
                                const std::uint32_t (&b)[2]) {
#if defined(GANYMEDE_SIMT)
  detail::mma_f32_by(detail::mma_tf32_twin, c, a, b);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

/// The same with k = 16 in bf16: a lane brings pairs along k, a[g, 2 t], a[g + 8, 2 t], a[g, 2 t +
/// 8], a[g + 8, 2 t + 8], and b[2 t, g], b[2 t + 8, g].
__device__ inline void mma_bf16(float (&c)[4], const std::uint32_t (&a)[4],
                                const std::uint32_t (&b)[2]) {
#if defined(GANYMEDE_SIMT)
  detail::mma_f32_by(detail::mma_bf16_twin, c, a, b);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  __trap();
#endif
}

// ---- products of matrices in shared memory by a warpgroup (wgmma) -----------------------------
// A warpgroup is four warps, the first a multiple of four (PTX ISA 9.0, 9.7.15). All its lanes do:
//   writes to shared memory -> async_proxy_fence() by those who wrote -> a barrier ->
//   warpgroup_fence() -> warpgroup_multiply...() -> warpgroup_commit() closes a group ->
//   warpgroup_wait<N>(c) waits for all but the newest N groups
// and until then nobody may touch c, nor write to the operands. Only sm_90a has it.

/// Floats in a row of an operand in shared memory, along k. Eight rows of 128 bytes are what the
/// 128-byte swizzle repeats ("Shared Memory Matrix Layout"): 16 bytes number i of row r lie at
/// place i ^ (r % 8), so that both a row's writers and a column's readers meet in no bank.
inline constexpr int swizzled_row = 32;

/// Where element (row, k) lies from the operand's beginning, in floats.
__host__ __device__ constexpr int swizzled_place(int row, int k) {
  return row * swizzled_row + ((k / 4) ^ (row % 8)) * 4 + k % 4;
}

/// The descriptor of an operand so laid out, from its column k on (a multiple of 8). `operand` is
/// 1024-byte aligned, which makes the base offset 0; hence k moves the address alone: the hardware
/// swizzles addresses, not indices. ("Matrix Descriptor Format": address, leading and stride offset
/// in 16 bytes at bits 0, 16 and 32, the kind of swizzle at bit 62. The stride is that of eight
/// rows; the leading offset counts in layouts without swizzle only.)
__device__ inline std::uint64_t swizzled_operand(const float* operand, int k) {
  constexpr std::uint64_t stride = 8 * swizzled_row * sizeof(float) / 16, leading = 1,
                          swizzle_128 = 1;
  const unsigned address = detail::shared_address(operand) + 4u * static_cast<unsigned>(k);
  return (address & 0x3ffffu) >> 4 | leading << 16 | stride << 32 | swizzle_128 << 62;
}

/// Makes this thread's own writes to shared memory, those of async_copy included once it has waited
/// for them, visible to wgmma, which reads by another way ("Async proxy").
__device__ inline void async_proxy_fence() {
#if defined(GANYMEDE_SIMT)
  simt::async_proxy_fence();
#elif defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#else
  __trap();
#endif
}

/// Before the first product of a group: orders what was done to the registers of c.
__device__ inline void warpgroup_fence() {
#if defined(GANYMEDE_SIMT)
  simt::warpgroup_fence();
#elif defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#else
  __trap();
#endif
}

/// Starts c (64 x 128) += a (64 x 8) b (8 x 128) in TF32: a's rows and b's columns are the rows of
/// their operands. The low 13 bits of both are dropped, not rounded ("wgmma.mma_async"). With w =
/// warp % 4, g = lane / 4 and t = lane % 4 a lane owns c[16 w + g, 8 j + 2 t], c[.., + 1] and the
/// same two of row + 8, at c[4 j ..] for j = 0 .. 15.
__device__ inline void warpgroup_multiply_tf32(float (&c)[64], std::uint64_t a, std::uint64_t b) {
#if defined(GANYMEDE_SIMT)
  simt::warpgroup_multiply(c, a, b);
#elif defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define GANYMEDE_EIGHT(i)                                                                     \
  "+f"(c[i]), "+f"(c[i + 1]), "+f"(c[i + 2]), "+f"(c[i + 3]), "+f"(c[i + 4]), "+f"(c[i + 5]), \
      "+f"(c[i + 6]), "+f"(c[i + 7])
  asm volatile(
      "{ .reg .pred accumulate; setp.eq.u32 accumulate, 0, 0; "
      "wgmma.mma_async.sync.aligned.m64n128k8.f32.tf32.tf32 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, accumulate, 1, 1; }"
      : GANYMEDE_EIGHT(0), GANYMEDE_EIGHT(8), GANYMEDE_EIGHT(16), GANYMEDE_EIGHT(24),
        GANYMEDE_EIGHT(32), GANYMEDE_EIGHT(40), GANYMEDE_EIGHT(48), GANYMEDE_EIGHT(56)
      : "l"(a), "l"(b));
#undef GANYMEDE_EIGHT
#else
  __trap();
#endif
}

__device__ inline void warpgroup_commit() {
#if defined(GANYMEDE_SIMT)
  simt::warpgroup_commit();
#elif defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#else
  __trap();
#endif
}

/// Waits until at most `Pending` of the warpgroup's groups are still under way; `c` names all the
/// sums, so that the compiler moves no use of them to before the wait.
template <int Pending, int Pieces>
__device__ inline void warpgroup_wait([[maybe_unused]] float (&c)[Pieces][64]) {
#if defined(GANYMEDE_SIMT)
  simt::warpgroup_wait(Pending);
#elif defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
#pragma unroll
  for (int p = 0; p < Pieces; ++p)
#pragma unroll
    for (int i = 0; i < 64; ++i) asm volatile("" : "+f"(c[p][i])::"memory");
#else
  __trap();
#endif
}

}  // namespace ganymede::kernels::cuda
