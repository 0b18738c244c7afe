#pragma once
// The tiled matrix product behind gemm and the three contractions of conv:
//
//   c[row, col] = sum over k of a[row, k] b[k, col]
//
// where a, b and c are views that compute addresses (im2col is never stored). A block owns a tile
// of c and walks along k in steps of 8: it loads the next slices of a and b from global memory to
// registers, multiplies the present ones out of shared memory, then stores the next ones into the
// other shared buffer: one barrier per step. A thread owns 8 x 8 elements of c as four quarters of
// 4 x 4: per k it reads two float4 of each operand for 64 multiply-adds. The lanes of a warp lie
// 4 x 8 over the tile, so that these reads are broadcasts or free of bank conflicts.
//
// Where the tiles of c are too few for the device, k is cut into splits. Each writes its partial c
// to workspace, and a second kernel adds them in ascending order: no atomics, same bits every run.
// Up to eight splits on tensor cores are a cluster instead, where the device has clusters.
//
// Problem (a kernel parameter) names: `static constexpr Contraction contraction`, for the plan;
// `static constexpr bool a_along_k, b_along_k`: whether four
// neighbours in memory lie along k or along the row (column); `view(z)`, the part that blockIdx.z
// stands for (group, phase), with
//   m, n, k;                       its extents
//   ACursor a_cursor(row), float4 load_a(cursor, k);     four elements, zero outside
//   BCursor b_cursor(col), float4 load_b(cursor, k);
//   ADepth a_depth(k), BDepth b_depth(k);                what all cursors need of a k
//   Quad source_a(cursor, depth), source_b(cursor, depth);   where those four lie; asked only where
//       `static constexpr bool direct_a, direct_b` say that they lie together
//   static constexpr bool rereads_a, rereads_b;   whether a block soon reads most of a slice again
//   float* output(row), int channel, bool wide;          c's row, its first channel, float4 stores
//   int place(col);                                      where in the row, fours together
//   static constexpr Summed summed;   rows of a or columns of b that are summed over k on the side,
//       to float* sums where that is not null (as the FMA units get them: rounded before sm_80)

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/hopper_product.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/tensor_product.cuh>

namespace ganymede::kernels::cuda {

inline constexpr int slice = 8;  ///< extent of a step along k

template <int M, int N>
struct Tile {
  static constexpr int m = M, n = N, threads = M * N / 64;
  static constexpr int lanes_n = N / 8 < 8 ? N / 8 : 8, lanes_m = 32 / lanes_n;
  static constexpr int warps_n = N / 8 / lanes_n;
  static_assert(M / 8 % lanes_m == 0 && N / 8 % lanes_n == 0);
};

/// One operand's way from global to shared memory: `Extent` rows x 8, in units of four floats.
template <int Extent, int Threads, bool AlongK>
struct Staging {
  static constexpr int units = Extent * slice / 4 / Threads;
  static_assert(units * 4 * Threads == Extent * slice);

  __device__ static int row(int unit) {
    const int u = static_cast<int>(threadIdx.x) + unit * Threads;
    return AlongK ? u / 2 : u % (Extent / 4) * 4;
  }
  __device__ static int k(int unit) {
    const int u = static_cast<int>(threadIdx.x) + unit * Threads;
    return AlongK ? u % 2 * 4 : u / (Extent / 4);
  }
  __device__ static void store(float (&to)[slice][Extent + 4], int unit, float4 v) {
    const int r = row(unit), at = k(unit);
    if constexpr (AlongK) {
      to[at][r] = v.x;
      to[at + 1][r] = v.y;
      to[at + 2][r] = v.z;
      to[at + 3][r] = v.w;
    } else {
      store4(&to[at][r], v);
    }
  }
};

template <class T>
struct TileShared {
  // Four floats more per row keep float4 alignment and spread the transposing stores over banks.
  float a[2][slice][T::m + 4];
  float b[2][slice][T::n + 4];
};

/// Rows (columns) of a thread's quarter: `first` for 0..3, half a tile further for 4..7.
__device__ inline int spread(int first, int i, int extent) {
  return first + (i < 4 ? i : extent / 2 + i - 4);
}

template <class T, class Problem>
__global__ void __launch_bounds__(T::threads, 256 / T::threads)
    multiply(const __grid_constant__ Problem problem, Finish finish, MathMode mode, int tiles_n,
             int per_split, std::int64_t partial_stride, float* partial) {
  using Shared = TileShared<T>;
  using A = Staging<T::m, T::threads, Problem::a_along_k>;
  using B = Staging<T::n, T::threads, Problem::b_along_k>;
  Shared& shared = shared_memory<Shared>();
  const auto view = problem.view(static_cast<int>(blockIdx.z));
  const int row0 = static_cast<int>(blockIdx.x) / tiles_n * T::m;
  const int col0 = static_cast<int>(blockIdx.x) % tiles_n * T::n;
  if (row0 >= view.m) return;  // phases differ in extent; the whole block leaves

  typename decltype(view)::ACursor a_at[A::units];
  typename decltype(view)::BCursor b_at[B::units];
#pragma unroll
  for (int u = 0; u < A::units; ++u) a_at[u] = view.a_cursor(row0 + A::row(u));
#pragma unroll
  for (int u = 0; u < B::units; ++u) b_at[u] = view.b_cursor(col0 + B::row(u));

  const int begin = static_cast<int>(blockIdx.y) * per_split;
  const int end = begin + per_split < view.k ? begin + per_split : view.k;
  float4 a_next[A::units], b_next[B::units];
  const auto load = [&](int k) {
#pragma unroll
    for (int u = 0; u < A::units; ++u) a_next[u] = view.load_a(a_at[u], k + A::k(u));
#pragma unroll
    for (int u = 0; u < B::units; ++u) b_next[u] = view.load_b(b_at[u], k + B::k(u));
  };
  const auto store = [&](int buffer) {
#pragma unroll
    for (int u = 0; u < A::units; ++u) A::store(shared.a[buffer], u, rounded(a_next[u], mode));
#pragma unroll
    for (int u = 0; u < B::units; ++u) B::store(shared.b[buffer], u, rounded(b_next[u], mode));
  };

  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int my_row = (warp / T::warps_n * T::lanes_m + lane / T::lanes_n) * 4;
  const int my_col = (warp % T::warps_n * T::lanes_n + lane % T::lanes_n) * 4;
  float sum[8][8] = {};
  constexpr bool of_rows = Problem::summed == Summed::rows;
  SideSums<Problem::summed, of_rows ? T::m : T::n, T::threads> side;
  bool on_edge = false;
  if constexpr (Problem::summed != Summed::nothing)
    on_edge = view.sums && (of_rows ? col0 : row0) == 0;
  if (begin < end) {
    load(begin);
    store(0);
    __syncthreads();
  }
  int buffer = 0;
#pragma unroll 1
  for (int k = begin; k < end; k += slice) {
    const bool more = k + slice < end;
    if (more) load(k + slice);
#pragma unroll
    for (int j = 0; j < slice; ++j) {
      const float4 a0 = load4(&shared.a[buffer][j][my_row]);
      const float4 a1 = load4(&shared.a[buffer][j][my_row + T::m / 2]);
      const float4 b0 = load4(&shared.b[buffer][j][my_col]);
      const float4 b1 = load4(&shared.b[buffer][j][my_col + T::n / 2]);
      const float a[8] = {a0.x, a0.y, a0.z, a0.w, a1.x, a1.y, a1.z, a1.w};
      const float b[8] = {b0.x, b0.y, b0.z, b0.w, b1.x, b1.y, b1.z, b1.w};
#pragma unroll
      for (int r = 0; r < 8; ++r)
#pragma unroll
        for (int c = 0; c < 8; ++c) sum[r][c] += a[r] * b[c];
    }
    if constexpr (Problem::summed != Summed::nothing) {
      if (on_edge)
        side.add([&](int row) {
          float slice_sum = 0.0f;
#pragma unroll
          for (int j = 0; j < slice; ++j)
            slice_sum += of_rows ? shared.a[buffer][j][row] : shared.b[buffer][j][row];
          return slice_sum;
        });
    }
    if (more) store(buffer ^ 1);
    __syncthreads();
    buffer ^= 1;
  }
  if constexpr (Problem::summed != Summed::nothing) {
    if (on_edge) write_sums(side, view, partial, partial_stride, of_rows ? row0 : col0);
  }

#pragma unroll
  for (int r = 0; r < 8; ++r) {
    const int row = row0 + spread(my_row, r, T::m);
    if (row >= view.m) continue;
    float* out = partial ? partial + partial_stride * (blockIdx.y * gridDim.z + blockIdx.z) +
                               static_cast<std::int64_t>(row) * view.n
                         : view.output(row);
    const bool wide = partial ? view.n % 4 == 0 : view.wide;
#pragma unroll
    for (int c = 0; c < 8; c += 4) {
      const int col = col0 + spread(my_col, c, T::n);
      float v[4] = {sum[r][c], sum[r][c + 1], sum[r][c + 2], sum[r][c + 3]};
      if (!partial) {
#pragma unroll
        for (int i = 0; i < 4; ++i)
          if (col + i < view.n) v[i] = finish.cheap(v[i], view.channel + col + i);
      }
      const auto place = [&](int at) { return partial ? at : view.place(at); };
      if (wide && col + 3 < view.n) {
        store4(out + place(col), make_float4(v[0], v[1], v[2], v[3]));
      } else {
#pragma unroll
        for (int i = 0; i < 4; ++i)
          if (col + i < view.n) out[place(col + i)] = v[i];
      }
    }
  }
}

/// A second pass over many splits has an element's parts added up by several threads: as many as
/// leave each some eight loads, and neighbours a whole sector of memory.
struct SecondPass {
  static constexpr int threads = 256, in_flight = 8;
  __host__ __device__ static constexpr int sharers(int splits) {
    return splits > 64 ? 32 : splits > 16 ? 8 : 1;
  }
  float sums[threads];
};

/// c = finish(sum of the partial products), and the sums on the side; z by blocks. A thread adds up
/// an element in ascending order, or each of its `sharers` every so many parts, which a tree of
/// fixed form brings together.
template <class Problem>
__global__ void __launch_bounds__(SecondPass::threads)
    add_splits(const __grid_constant__ Problem problem, Finish finish, int splits,
               std::int64_t partial_stride, const float* partial) {
  SecondPass& shared = shared_memory<SecondPass>();
  const auto view = problem.view(static_cast<int>(blockIdx.z));
  const std::int64_t count = static_cast<std::int64_t>(view.m) * view.n;
  int sums = 0;
  if constexpr (Problem::summed != Summed::nothing) {
    if (view.sums) sums = Problem::summed == Summed::rows ? view.m : view.n;
  }
  const int tid = static_cast<int>(threadIdx.x), sharers = SecondPass::sharers(splits),
            elements = SecondPass::threads / sharers, share = tid / elements;
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * elements,
                     stride = static_cast<std::int64_t>(gridDim.x) * elements;
  for (std::int64_t block = first; block < count + sums; block += stride) {
    const std::int64_t i = block + tid % elements;
    const bool inside = i < count + sums;
    float sum = 0.0f;
    for (int s = share; inside && s < splits; s += SecondPass::in_flight * sharers) {
      float parts[SecondPass::in_flight];  // all asked for before the first is added
#pragma unroll
      for (int j = 0; j < SecondPass::in_flight; ++j) {
        const int at = s + j * sharers;
        const std::int64_t part = static_cast<std::int64_t>(at) * gridDim.z + blockIdx.z;
        parts[j] = at < splits ? partial[partial_stride * part + i] : 0.0f;
      }
#pragma unroll
      for (int j = 0; j < SecondPass::in_flight; ++j) sum += parts[j];
    }
    for (int step = sharers / 2; step > 0; step /= 2) {
      shared.sums[tid] = sum;
      __syncthreads();
      if (share < step) sum += shared.sums[tid + step * elements];
      __syncthreads();
    }
    if (!inside || share != 0) continue;
    if constexpr (Problem::summed != Summed::nothing) {
      if (i >= count) {
        view.sums[i - count] = sum;
        continue;
      }
    }
    const int row = static_cast<int>(i / view.n);
    const int col = static_cast<int>(i - static_cast<std::int64_t>(row) * view.n);
    view.output(row)[view.place(col)] = finish.cheap(sum, view.channel + col);
  }
}

/// The tiles' kernel on the FMA units: queued with what every kernel of a product gets.
template <class T>
struct OnFmaUnits {
  static constexpr bool clusters = false;  ///< whether splits can add up within one
  static constexpr int m = T::m, n = T::n, step = slice;
  template <class Problem>
  static void queue(Stream& stream, dim3, dim3 grid, const Problem& problem, const Finish& finish,
                    int tiles_n, int per_split, std::int64_t partial_stride, float* partial) {
    launch(stream, grid, T::threads, sizeof(TileShared<T>), multiply<T, Problem>, problem, finish,
           stream.math_mode(), tiles_n, per_split, partial_stride, partial);
  }
};

/// The same on the tensor cores.
template <class T, MathMode Mode>
struct OnTensorCores {
  static constexpr bool clusters = true;
  static constexpr int m = T::m, n = T::n, step = T::slice;
  template <class Problem>
  static void queue(Stream& stream, dim3 cluster, dim3 grid, const Problem& problem,
                    const Finish& finish, int tiles_n, int per_split, std::int64_t partial_stride,
                    float* partial) {
    launch_clusters(stream, cluster, grid, T::threads,
                    sizeof(typename TensorLayout<T, Problem, Mode>::Shared),
                    multiply_on_tensor_cores<T, Problem, Mode>, problem, finish, tiles_n, per_split,
                    partial_stride, partial);
  }
};

/// The same by warpgroups.
template <class T>
struct ByWarpgroups {
  static constexpr bool clusters = false;
  static constexpr int m = T::m, n = T::n, step = T::slice;
  template <class Problem>
  static void queue(Stream& stream, dim3, dim3 grid, const Problem& problem, const Finish& finish,
                    int tiles_n, int per_split, std::int64_t partial_stride, float* partial) {
    launch(stream, grid, T::threads, sizeof(WarpgroupShared<T>), multiply_by_warpgroups<T, Problem>,
           problem, finish, tiles_n, per_split, partial_stride, partial);
  }
};

template <class Kernel, class Problem>
void multiply_with(Stream& stream, const Problem& problem, const ProductExtents& e,
                   const ProductPlan& plan, const Finish& finish) {
  const int splits = plan.splits;
  const int tiles_n = ceil_div(e.n, Kernel::n);
  const int sums = Problem::summed == Summed::rows      ? e.m
                   : Problem::summed == Summed::columns ? e.n
                                                        : 0;
  const std::int64_t count = static_cast<std::int64_t>(e.m) * e.n + sums;
  const std::int64_t padded = (count + 3) / 4 * 4;  // keeps every part aligned for float4
  const int per_split = ceil_div(ceil_div(e.k, splits), Kernel::step) * Kernel::step;
  const dim3 grid(static_cast<unsigned>(ceil_div(e.m, Kernel::m)) * static_cast<unsigned>(tiles_n),
                  static_cast<unsigned>(splits), static_cast<unsigned>(e.z));
  const bool together = Kernel::clusters && adds_in_cluster(stream, plan);
  const bool two_passes = splits > 1 && !together;
  Block workspace;
  if (two_passes)
    workspace = allocate(stream, sizeof(float) * static_cast<std::size_t>(splits * e.z) *
                                     static_cast<std::size_t>(padded));
  float* partial = static_cast<float*>(workspace.data());
  const dim3 cluster(1, together ? grid.y : 1, 1);
  Kernel::queue(stream, cluster, grid, problem, finish, tiles_n, per_split, padded, partial);
  if (two_passes)
    launch(stream,
           dim3(grid_for(count * SecondPass::sharers(splits), SecondPass::threads), 1, grid.z),
           SecondPass::threads, sizeof(SecondPass), add_splits<Problem>, problem, finish, splits,
           padded, partial);
}

template <MathMode Mode, class Problem>
void tensor_product(Stream& stream, const Problem& problem, const ProductExtents& e,
                    const ProductPlan& plan, const Finish& finish) {
  if constexpr (Mode == MathMode::tf32 && fits_warpgroups<Problem>) {
    if (plan.tile == TileKind::warpgroup)
      return multiply_with<ByWarpgroups<WarpgroupTile<128>>>(stream, problem, e, plan, finish);
    if (plan.tile == TileKind::warpgroup_tall)
      return multiply_with<ByWarpgroups<WarpgroupTile<256>>>(stream, problem, e, plan, finish);
  }
  // A warp of 64 x 64 reads a third less of shared memory for a product than one of 64 x 32; what
  // comes through registers leaves no room for its sums.
  constexpr int warp_n = copies_both<Problem> ? 64 : 32;
  const auto by = [&]<class T>(T) {
    multiply_with<OnTensorCores<T, Mode>>(stream, problem, e, plan, finish);
  };
  constexpr Contraction contraction = Problem::contraction;
  if constexpr (contraction == Contraction::forward || contraction == Contraction::input_grad) {
    if (plan.tile == TileKind::tall) return by(TensorTile<128, 32, 32, 32>());
  }
  if constexpr (contraction == Contraction::weight_grad) {
    if (plan.tile == TileKind::flat) return by(TensorTile<32, 128, 32, 32>());
  }
  if (plan.tile == TileKind::large) return by(TensorTile<128, 128, 64, warp_n>());
  by(TensorTile<64, 64, 32, 32>());
}

/// As product() below for positive extents, on the FMA units in every math mode.
template <class Problem>
void product_on_fma_units(Stream& stream, const Problem& problem, const ProductExtents& e,
                          const Finish& finish) {
  const ProductPlan plan = plan_on(stream, {Problem::contraction, e}, false);
  switch (plan.tile) {
    case TileKind::large:
      return multiply_with<OnFmaUnits<Tile<128, 128>>>(stream, problem, e, plan, finish);
    case TileKind::tall:
      return multiply_with<OnFmaUnits<Tile<128, 32>>>(stream, problem, e, plan, finish);
    default:
      return multiply_with<OnFmaUnits<Tile<64, 64>>>(stream, problem, e, plan, finish);
  }
}

/// Computes the whole problem, in the stream's math mode: fp32, and all modes before sm_80, on the
/// FMA units. `e` holds the largest extents over all z. Bias and the cheap activations are applied
/// on the way out; see complete() for the rest of an epilogue.
template <class Problem>
void product(Stream& stream, const Problem& problem, const ProductExtents& e,
             const Finish& finish) {
  if (e.m <= 0 || e.n <= 0 || e.z <= 0) return;
  if (on_tensor_cores(stream)) {
    const ProductPlan plan = plan_on(stream, {Problem::contraction, e}, fits_warpgroups<Problem>);
    return stream.math_mode() == MathMode::tf32
               ? tensor_product<MathMode::tf32>(stream, problem, e, plan, finish)
               : tensor_product<MathMode::bf16>(stream, problem, e, plan, finish);
  }
  product_on_fma_units(stream, problem, e, finish);
}

}  // namespace ganymede::kernels::cuda
