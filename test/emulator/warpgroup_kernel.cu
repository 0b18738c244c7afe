#include <test/emulator/warpgroup_kernel.h>

#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_products.cuh>

namespace ganymede::test {

using namespace ganymede::kernels::cuda;

namespace {

constexpr int rows = 64, columns = 128;

struct Operands {
  alignas(1024) float a[rows * swizzled_row];
  alignas(1024) float b[columns * swizzled_row];
  float room[32];
};

/// Puts `extent` rows of 32 where wgmma looks for them; a thread copies 16 bytes at a time.
__device__ void copy_in(float* to, const float* from, int extent) {
  for (int i = thread_rank(); i < extent * swizzled_row / 4; i += block_threads()) {
    const int row = i / (swizzled_row / 4), k = i % (swizzled_row / 4) * 4;
    async_copy16(to + swizzled_place(row, k), from + row * swizzled_row + k);
  }
}

__device__ void multiply(float (&sums)[1][64], const float* a, const float* b,
                         WarpgroupFault fault) {
  if (fault != WarpgroupFault::no_register_fence) warpgroup_fence();
  for (int k = 0; k < swizzled_row; k += 8) {
    const bool other = fault == WarpgroupFault::other_operand && warp_index() == 2;
    warpgroup_multiply_tf32(sums[0], swizzled_operand(a, other ? 0 : k), swizzled_operand(b, k));
  }
  warpgroup_commit();
}

__global__ void warpgroup_kernel(const float* a, const float* b, float* c, WarpgroupFault fault) {
  auto& shared = shared_memory<Operands>();
  float* to_a = shared.a + (fault == WarpgroupFault::misplaced ? 32 : 0);
  copy_in(to_a, a, rows);
  copy_in(shared.b, b, columns);
  async_commit();
  if (fault == WarpgroupFault::late_copies) async_proxy_fence();
  async_wait<0>();
  if (fault != WarpgroupFault::no_proxy_fence && fault != WarpgroupFault::late_copies)
    async_proxy_fence();
  __syncthreads();
  if (fault == WarpgroupFault::missing_warp && warp_index() == 3) return;

  float sums[1][64];
  for (float& sum : sums[0]) sum = 1.0f;
  multiply(sums, to_a, shared.b, fault);
  if (fault == WarpgroupFault::overwritten) shared.b[thread_rank()] = 0.0f;
  if (fault != WarpgroupFault::no_wait) warpgroup_wait<0>(sums);
  for (int i = 0; i < 64; ++i) {
    const int row = warp_index() * 16 + lane_index() / 4 + i / 2 % 2 * 8;
    c[row * columns + i / 4 * 8 + lane_index() % 4 * 2 + i % 2] = sums[0][i];
  }
}

}  // namespace

void warpgroup_product(Stream& s, const float* a, const float* b, float* c, WarpgroupFault fault) {
  launch(s, 1, 128, sizeof(Operands), warpgroup_kernel, a, b, c, fault);
}

}  // namespace ganymede::test
