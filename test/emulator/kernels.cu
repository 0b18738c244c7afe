#include <test/emulator/kernels.h>

#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_cluster.cuh>

namespace ganymede::test {

using namespace ganymede::kernels::cuda;

namespace {

__global__ void fill_kernel(float* y, int n, float value) {
  for (std::int64_t i = grid_first(); i < n; i += grid_stride()) y[i] = value;
}

__global__ void scale_kernel(const float* x, float* y, int n, float a) {
  for (std::int64_t i = grid_first(); i < n; i += grid_stride()) y[i] = a * x[i];
}

__global__ void scale_by_kernel(const float* x, float* y, int n, const float* a) {
  for (std::int64_t i = grid_first(); i < n; i += grid_stride()) y[i] = *a * x[i];
}

struct Values {
  float value[256];
};

template <bool WithBarrier>
__global__ void block_total_kernel(const float* x, float* y, int n) {
  Values& shared = shared_memory<Values>();
  shared.value[threadIdx.x] = x[threadIdx.x];
  if constexpr (WithBarrier) __syncthreads();
  if (static_cast<int>(threadIdx.x) != n - 1) return;
  float total = 0;
  for (int i = 0; i < n; ++i) total += shared.value[i];
  y[0] = total;
}

struct SumShared {
  BlockScratch<float> scratch;
};

__global__ void row_sum_kernel(const float* x, float* y, int width) {
  SumShared& shared = shared_memory<SumShared>();
  float total = 0;
  for (int i = threadIdx.x; i < width; i += blockDim.x) total += x[blockIdx.x * width + i];
  total = block_sum(total, shared.scratch);
  if (threadIdx.x == 0) y[blockIdx.x] = total;
}

template <bool WithBarrier>
__global__ void cluster_total_kernel(const float* x, float* y, unsigned blocks_together) {
  Values& shared = shared_memory<Values>();
  shared.value[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
  if constexpr (WithBarrier) cluster_sync();
  float total = 0;
  if (threadIdx.x == 0)
    for (unsigned rank = 0; rank < blocks_together; ++rank)
      for (unsigned i = 0; i < blockDim.x; ++i) total += cluster_load(&shared.value[i], rank);
  cluster_sync();
  if (threadIdx.x == 0) y[blockIdx.x] = total;
}

__global__ void early_leaver_kernel(const float* x, float* y) {
  Values& shared = shared_memory<Values>();
  shared.value[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
  cluster_sync();
  if (threadIdx.x == 0) y[blockIdx.x] = cluster_load(&shared.value[0], cluster_rank() ^ 1);
}

__global__ void neighbour_kernel(float* y, bool divergent) {
  float v = static_cast<float>(threadIdx.x);
  if (!divergent || threadIdx.x < 16) v = __shfl_xor_sync(full_warp, v, 1);
  y[threadIdx.x] = v;
}

__global__ void mixed_operations_kernel(float* y) {
  if (threadIdx.x < 16) {
    y[threadIdx.x] = __shfl_xor_sync(full_warp, 1.0f, 1);
  } else {
    y[threadIdx.x] = static_cast<float>(__ballot_sync(full_warp, 1));
  }
}

__global__ void mixed_barriers_kernel(float* y) {
  if (threadIdx.x < 16) __syncthreads();
  y[threadIdx.x] = __shfl_xor_sync(full_warp, 1.0f, 1);
}

__global__ void store_too_far_kernel(float* y, int n) {
  for (int i = threadIdx.x; i <= n; i += blockDim.x) y[i] = 1.0f;
}

__global__ void shared_too_far_kernel(float* y) {
  Values& shared = shared_memory<Values>();
  const volatile float* end = shared.value + 256;
  y[threadIdx.x] = *end;
}

__global__ void read_unwritten_shared_kernel(float* y) {
  y[threadIdx.x] = shared_memory<Values>().value[threadIdx.x];
}

__global__ void leave_early_kernel(float* y, int n) {
  if (static_cast<int>(threadIdx.x) >= n) return;
  __syncthreads();
  y[threadIdx.x] = 1.0f;
  __syncthreads();
}

template <bool WithWait>
__global__ void reverse_async_kernel(const float* x, float* y) {
  Values& shared = shared_memory<Values>();
  const int i = static_cast<int>(threadIdx.x);
  async_copy16(&shared.value[4 * i], x + 4 * i);
  async_commit();
  if constexpr (WithWait) async_wait<0>();
  __syncthreads();
  for (int k = 0; k < 4; ++k) y[4 * i + k] = shared.value[255 - 4 * i - k];
}

__global__ void odd_votes_kernel(std::uint32_t* y) {
  y[threadIdx.x] = __ballot_sync(full_warp, threadIdx.x % 2);
}

struct LastShared {
  BlockScratch<float> scratch;
  bool last;
};

__global__ void two_stage_kernel(const float* x, float* parts, unsigned* counter, float* y) {
  LastShared& shared = shared_memory<LastShared>();
  const float part = block_sum(x[grid_first()], shared.scratch);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = part;
    __threadfence();
    shared.last = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (!shared.last) return;
  float total = 0;
  for (unsigned i = threadIdx.x; i < gridDim.x; i += blockDim.x) total += parts[i];
  total = block_sum(total, shared.scratch);
  if (threadIdx.x == 0) y[0] = total;
}

__global__ void nothing_kernel() {}

}  // namespace

void fill(Stream& s, float* y, int n, float value) {
  launch(s, grid_for(n, 64), 64, 0, fill_kernel, y, n, value);
}

void copy(Stream& s, const float* x, float* y, int n) { scale(s, x, y, n, 1.0f); }

void scale(Stream& s, const float* x, float* y, int n, float a) {
  launch(s, grid_for(n, 64), 64, 0, scale_kernel, x, y, n, a);
}

void scale_by(Stream& s, const float* x, float* y, int n, const float* a) {
  launch(s, grid_for(n, 64), 64, 0, scale_by_kernel, x, y, n, a);
}

void block_total(Stream& s, const float* x, float* y, int n, bool with_barrier) {
  launch(s, 1, n, sizeof(Values),
         with_barrier ? block_total_kernel<true> : block_total_kernel<false>, x, y, n);
}

void row_sums(Stream& s, const float* x, float* y, int rows, int width) {
  launch(s, rows, 256, sizeof(SumShared), row_sum_kernel, x, y, width);
}

void neighbour(Stream& s, float* y, bool divergent) {
  launch(s, 1, 32, 0, neighbour_kernel, y, divergent);
}

void mixed_operations(Stream& s, float* y) { launch(s, 1, 32, 0, mixed_operations_kernel, y); }
void mixed_barriers(Stream& s, float* y) { launch(s, 1, 32, 0, mixed_barriers_kernel, y); }
void store_too_far(Stream& s, float* y, int n) { launch(s, 1, 64, 0, store_too_far_kernel, y, n); }

void shared_too_far(Stream& s, float* y) {
  launch(s, 1, 32, sizeof(Values), shared_too_far_kernel, y);
}

void read_unwritten_shared(Stream& s, float* y, int n) {
  launch(s, 1, n, sizeof(Values), read_unwritten_shared_kernel, y);
}

void leave_early(Stream& s, float* y, int n) { launch(s, 1, 64, 0, leave_early_kernel, y, n); }

void reverse_async(Stream& s, const float* x, float* y, bool with_wait) {
  launch(s, 1, 64, sizeof(Values),
         with_wait ? reverse_async_kernel<true> : reverse_async_kernel<false>, x, y);
}

void odd_votes(Stream& s, std::uint32_t* y) { launch(s, 1, 32, 0, odd_votes_kernel, y); }

void two_stage_sum(Stream& s, const float* x, float* parts, unsigned* counter, float* y,
                   int blocks) {
  launch(s, blocks, 64, sizeof(LastShared), two_stage_kernel, x, parts, counter, y);
}

void cluster_totals(Stream& stream, const float* x, float* y, unsigned blocks, unsigned cluster,
                    bool with_barrier) {
  launch_clusters(stream, cluster, blocks, 64, sizeof(Values),
                  with_barrier ? cluster_total_kernel<true> : cluster_total_kernel<false>, x, y,
                  cluster);
}

void cluster_without_last_barrier(Stream& stream, const float* x, float* y) {
  launch_clusters(stream, 2, 2, 64, sizeof(Values), early_leaver_kernel, x, y);
}

void cluster_too_far(Stream& stream, float* y) {
  launch_clusters(stream, 2, 2, 64, sizeof(Values), cluster_total_kernel<true>, y, y, 3u);
}

void launch_with(Stream& s, unsigned block, unsigned grid_y, std::size_t shared_bytes) {
  launch(s, {1, grid_y}, block, shared_bytes, nothing_kernel);
}

void launch_without_enough_shared(Stream& s) {
  static float unused = 0;
  launch(s, 1, 32, 64, read_unwritten_shared_kernel, &unused);
}

}  // namespace ganymede::test
