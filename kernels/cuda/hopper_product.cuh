#pragma once
// The product of implicit_gemm.cuh by warpgroups (wgmma, sm_90a): operands truncated to TF32, sums
// in f32. Problems, splits and the way out are the same.
//
// A block of two warpgroups owns 128 or 256 rows x 128 columns of c and walks along k in slices of
// 32 floats, 128 bytes of each row and column. wgmma reads both operands from shared memory, and in
// TF32 only along k: it takes problems whose operands both run along k in memory, and which bring
// four neighbours together, so that cp.async can put each 16 bytes at their swizzled place. The
// rounding that other products do on the way into the registers has no place here: the tensor cores
// drop the 13 low bits themselves.
//
// A ring of four slices: one is multiplied while the one before it ends, two are under way. Slice s
// is written over slice s - 4 by threads that have waited, all of them, for the products of that.

#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_products.cuh>

namespace ganymede::kernels::cuda {

/// Whether both operands run along k and come sixteen bytes at a time.
template <class Problem>
inline constexpr bool fits_warpgroups =
    (Problem::a_along_k && Problem::b_along_k) && copies_both<Problem>;

/// A tile of M x 128 by two warpgroups that own M / 2 rows each, in pieces of 64.
template <int M>
struct WarpgroupTile {
  static constexpr int m = M, n = 128, slice = swizzled_row, stages = 4, threads = 256;
  static constexpr int pieces = M / 128;
};

template <class T>
struct WarpgroupShared {
  alignas(1024) float a[T::stages][T::m * T::slice];
  alignas(1024) float b[T::stages][T::n * T::slice];
};

/// One operand's way to shared memory, `Extent` rows (columns) x 32: eight threads take a row.
template <class T, int Extent>
struct WarpgroupStage {
  static constexpr int rows_at_once = T::threads / (T::slice / 4), units = Extent / rows_at_once;
  static_assert(units * rows_at_once == Extent);

  __device__ static int row(int unit) {
    return static_cast<int>(threadIdx.x) / (T::slice / 4) + unit * rows_at_once;
  }
  __device__ static int k() { return static_cast<int>(threadIdx.x) % (T::slice / 4) * 4; }
};

template <class T, class Problem>
__global__ void __launch_bounds__(T::threads, 1)
    multiply_by_warpgroups(const __grid_constant__ Problem problem, Finish finish, int tiles_n,
                           int per_split, std::int64_t partial_stride, float* partial) {
  using A = WarpgroupStage<T, T::m>;
  using B = WarpgroupStage<T, T::n>;
  auto& shared = shared_memory<WarpgroupShared<T>>();
  const auto view = problem.view(static_cast<int>(blockIdx.z));
  const int row0 = static_cast<int>(blockIdx.x) / tiles_n * T::m;
  const int col0 = static_cast<int>(blockIdx.x) % tiles_n * T::n;
  if (row0 >= view.m) return;  // parts may differ in extent; the whole block leaves

  typename decltype(view)::ACursor a_at[A::units];
  typename decltype(view)::BCursor b_at[B::units];
#pragma unroll
  for (int u = 0; u < A::units; ++u) a_at[u] = view.a_cursor(row0 + A::row(u));
#pragma unroll
  for (int u = 0; u < B::units; ++u) b_at[u] = view.b_cursor(col0 + B::row(u));

  const int begin = static_cast<int>(blockIdx.y) * per_split;
  const int end = begin + per_split < view.k ? begin + per_split : view.k;
  const int slices = begin < end ? ceil_div(end - begin, T::slice) : 0;
  const auto start = [&](int s) {
    if (s < slices) {
      float *a = shared.a[s % T::stages], *b = shared.b[s % T::stages];
      const int k = begin + s * T::slice + A::k();
      const auto a_depth = view.a_depth(k);
      const auto b_depth = view.b_depth(k);
#pragma unroll
      for (int u = 0; u < A::units; ++u) {
        const Quad from = view.source_a(a_at[u], a_depth);
        async_copy16<Problem::rereads_a>(a + swizzled_place(A::row(u), A::k()), from.at,
                                         from.inside);
      }
#pragma unroll
      for (int u = 0; u < B::units; ++u) {
        const Quad from = view.source_b(b_at[u], b_depth);
        async_copy16(b + swizzled_place(B::row(u), B::k()), from.at, from.inside);
      }
    }
    async_commit();  // an empty group too: the wait below counts groups
  };
  constexpr int ahead = T::stages - 2;
#pragma unroll
  for (int s = 0; s < ahead; ++s) start(s);

  const int my_row = warp_index() / 4 * (T::m / 2);
  float sums[T::pieces][64] = {};
#pragma unroll 1
  for (int s = 0; s < slices; ++s) {
    async_wait<ahead - 1>();
    async_proxy_fence();
    __syncthreads();  // slice s is there for all, and the products of slice s - 2 are done
    const float *a = shared.a[s % T::stages], *b = shared.b[s % T::stages];
    warpgroup_fence();
#pragma unroll
    for (int k = 0; k < T::slice; k += 8)
#pragma unroll
      for (int i = 0; i < T::pieces; ++i)
        warpgroup_multiply_tf32(sums[i], swizzled_operand(a + (my_row + 64 * i) * swizzled_row, k),
                                swizzled_operand(b, k));
    warpgroup_commit();
    start(s + ahead);
    warpgroup_wait<1>(sums);  // slice s - 1; slice s goes on behind the next barrier
  }
  warpgroup_wait<0>(sums);

  // Of 64 rows a warp owns 16; a lane's sums lie as those of mma_f64, eight columns after eight.
  const int of_row = warp_index() % 4 * 16 + (lane_index() >> 2);
#pragma unroll
  for (int i = 0; i < 2 * T::pieces; ++i) {
    const int row = row0 + my_row + 64 * (i / 2) + 8 * (i % 2) + of_row;
    if (row >= view.m) continue;
    float* out = partial ? partial + partial_stride * (blockIdx.y * gridDim.z + blockIdx.z) +
                               static_cast<std::int64_t>(row) * view.n
                         : view.output(row);
#pragma unroll
    for (int j = 0; j < T::n / 8; ++j)
      write_pair(view, finish, out, partial != nullptr, col0 + 8 * j + 2 * (lane_index() & 3),
                 sums[i / 2][4 * j + 2 * (i % 2)], sums[i / 2][4 * j + 2 * (i % 2) + 1]);
  }
}

}  // namespace ganymede::kernels::cuda
