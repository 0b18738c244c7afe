#pragma once
// Products of small matrices on the tensor cores; PTX beside its emulated twin.

#include <cuda_runtime.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

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
