#pragma once
// The product of implicit_gemm.cuh on the tensor cores: operands rounded to TF32 or bf16, sums in
// f32. Problems, splits and the way out are the same.
//
// A block owns a tile of c and walks along k in slices of 16, of which `stages` are under way from
// global to shared memory: by cp.async where four neighbours lie in memory as the product wants
// them (Problem::direct_a, direct_b), through registers elsewhere. Where k is cut and the device
// has clusters, the blocks of a tile are one and add up their parts in shared memory. In shared
// memory an operand lies as it came, along k or across it, at a pitch by which the 32 lanes' reads
// of a fragment meet in no bank. Operands are rounded on the way into the fragments, since copies
// cannot: 32 conversions for 32 products of a warp that owns 64 x 64. docs/performance.md has the
// counts behind this form.

#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_cluster.cuh>
#include <ganymede/kernels/cuda/primitives_products.cuh>

namespace ganymede::kernels::cuda {

/// A tile of M x N by warps that own WarpM x WarpN of it each.
template <int M, int N, int WarpM, int WarpN>
struct TensorTile {
  static constexpr int m = M, n = N, warp_m = WarpM, warp_n = WarpN;
  static constexpr int warps_n = N / WarpN, threads = M / WarpM * warps_n * 32;
  static constexpr int slice = 16, stages = 4;
  /// Blocks of a multiprocessor that registers leave room for.
  static constexpr int at_once = WarpM * WarpN > 1024 ? 256 / threads : M < N ? 3 : 4;
};

/// One operand's slice in shared memory: `Extent` rows (columns) of the tile, 16 along k.
template <class T, int Extent, bool AlongK, MathMode Mode>
struct TensorStage {
  // Lanes read (row g, k t), bf16 (row g, k 2 t and 2 t + 1): banks g pitch + t, or t pitch + g.
  static constexpr bool pairs = Mode == MathMode::bf16;
  static constexpr int pitch = AlongK ? T::slice + (pairs ? 8 : 4) : Extent + (pairs ? 4 : 8);
  static constexpr int size = (AlongK ? Extent : T::slice) * pitch;
  static constexpr int units = Extent * T::slice / 4 / T::threads;
  static_assert(units * 4 * T::threads == Extent * T::slice);

  // A thread's units lie at the same k, so that it works that out once for a slice.
  static constexpr int abreast = AlongK ? T::slice / 4 : T::threads / T::slice;  // in memory
  static_assert(T::threads % abreast == 0);
  __device__ static int row(int unit) {
    const int t = static_cast<int>(threadIdx.x);
    return AlongK ? t / abreast + unit * (T::threads / abreast)
                  : (t % abreast + unit * abreast) * 4;
  }
  __device__ static int k() {
    const int t = static_cast<int>(threadIdx.x);
    return AlongK ? t % abreast * 4 : t / abreast;
  }
  __device__ static int place(int row, int k) { return AlongK ? row * pitch + k : k * pitch + row; }
  /// An operand register of row `row`; with pairs its values at k and k + 1.
  __device__ static std::uint32_t fragment(const float* slice, int row, int k) {
    if constexpr (!pairs) return tf32_register(slice[place(row, k)]);
    if constexpr (AlongK) {
      const float2 v = *reinterpret_cast<const float2*>(slice + place(row, k));
      return bf16_register(v.x, v.y);
    }
    return bf16_register(slice[place(row, k)], slice[place(row, k + 1)]);
  }
};

template <class T, class Problem, MathMode Mode>
struct TensorLayout {
  using A = TensorStage<T, T::m, Problem::a_along_k, Mode>;
  using B = TensorStage<T, T::n, Problem::b_along_k, Mode>;
  struct Ring {
    float a[T::stages][A::size], b[T::stages][B::size];
  };
  /// Behind the last slice: this block's part of the tile, where k is cut within a cluster.
  struct Part {
    float c[T::m][T::n + 4];  ///< four more keep float4 alignment
    float sums[T::m > T::n ? T::m : T::n];
  };
  union Shared {
    Ring ring;
    Part part;
  };
};

/// Adds up a tile of which the cluster's blocks have a part each, k being cut between them, and
/// writes it out: each block adds some rows of all parts, in the blocks' order.
template <class T, Summed What, class Part, class View>
__device__ void add_parts(const Part& part, const View& view, const Finish& finish, int row0,
                          int col0, bool on_edge) {
  cluster_sync();
  const unsigned parts = gridDim.y;
  const int rows = T::m / static_cast<int>(parts), first = static_cast<int>(blockIdx.y) * rows;
  for (int i = static_cast<int>(threadIdx.x); i < rows * (T::n / 4); i += T::threads) {
    const int r = first + i / (T::n / 4), c = i % (T::n / 4) * 4, col = col0 + c;
    if (row0 + r >= view.m || col >= view.n) continue;
    float4 sum = make_float4(0, 0, 0, 0);
    for (unsigned p = 0; p < parts; ++p) {
      const float4 v = cluster_load(reinterpret_cast<const float4*>(&part.c[r][c]), p);
      sum = make_float4(sum.x + v.x, sum.y + v.y, sum.z + v.z, sum.w + v.w);
    }
    float* out = view.output(row0 + r);
    const float of[4] = {sum.x, sum.y, sum.z, sum.w};
    const auto done = [&](int j) { return finish.cheap(of[j], view.channel + col + j); };
    if (view.wide) {
      store4(out + view.place(col), make_float4(done(0), done(1), done(2), done(3)));
    } else {
#pragma unroll
      for (int j = 0; j < 4; ++j)
        if (col + j < view.n) out[view.place(col + j)] = done(j);
    }
  }
  if constexpr (What != Summed::nothing) {
    constexpr bool of_rows = What == Summed::rows;
    const int begin = of_rows ? row0 : col0, extent = of_rows ? view.m : view.n;
    for (int i = static_cast<int>(threadIdx.x); i < (of_rows ? T::m : T::n); i += T::threads) {
      if (!on_edge || blockIdx.y != 0 || begin + i >= extent) continue;
      float sum = 0.0f;
      for (unsigned p = 0; p < parts; ++p) sum += cluster_load(&part.sums[i], p);
      view.sums[begin + i] = sum;
    }
  }
  cluster_sync();  // nobody leaves while others read
}

/// To their place, or behind this block's partial product.
template <Summed What, int Extent, int Threads, class View>
__device__ void write_sums(const SideSums<What, Extent, Threads>& side, const View& view,
                           float* partial, std::int64_t partial_stride, int first) {
  float* out = partial ? partial + partial_stride * (blockIdx.y * gridDim.z + blockIdx.z) +
                             static_cast<std::int64_t>(view.m) * view.n
                       : view.sums;
  side.write(out, first, What == Summed::rows ? view.m : view.n);
}

template <class T, class Problem, MathMode Mode>
__global__ void __launch_bounds__(T::threads, T::at_once)
    multiply_on_tensor_cores(const __grid_constant__ Problem problem, Finish finish, int tiles_n,
                             int per_split, std::int64_t partial_stride, float* partial) {
  using Layout = TensorLayout<T, Problem, Mode>;
  using A = typename Layout::A;
  using B = typename Layout::B;
  auto& shared = shared_memory<typename Layout::Shared>();
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
  const int slices = begin < end ? ceil_div(end - begin, T::slice) : 0;
  const auto start = [&](int s) {
    if (s < slices) {
      float *a = shared.ring.a[s % T::stages], *b = shared.ring.b[s % T::stages];
      const int first = begin + s * T::slice;
      if constexpr (Problem::direct_a) {
        const auto depth = view.a_depth(first + A::k());
#pragma unroll
        for (int u = 0; u < A::units; ++u) {
          const Quad from = view.source_a(a_at[u], depth);
          async_copy16<Problem::rereads_a>(a + A::place(A::row(u), A::k()), from.at, from.inside);
        }
      } else {
#pragma unroll
        for (int u = 0; u < A::units; ++u)
          store4(a + A::place(A::row(u), A::k()), view.load_a(a_at[u], first + A::k()));
      }
      if constexpr (Problem::direct_b) {
        const auto depth = view.b_depth(first + B::k());
#pragma unroll
        for (int u = 0; u < B::units; ++u) {
          const Quad from = view.source_b(b_at[u], depth);
          async_copy16<Problem::rereads_b>(b + B::place(B::row(u), B::k()), from.at, from.inside);
        }
      } else {
#pragma unroll
        for (int u = 0; u < B::units; ++u)
          store4(b + B::place(B::row(u), B::k()), view.load_b(b_at[u], first + B::k()));
      }
    }
    async_commit();  // an empty group too: the wait below counts groups
  };
#pragma unroll
  for (int s = 0; s < T::stages - 1; ++s) start(s);

  constexpr int rows = T::warp_m / 16, columns = T::warp_n / 8;  // in fragments
  constexpr int per_register = A::pairs ? 2 : 1;
  const int my_row = warp_index() / T::warps_n * T::warp_m,
            my_col = warp_index() % T::warps_n * T::warp_n;
  const int of_row = lane_index() >> 2, of_k = (lane_index() & 3) * per_register;
  float sums[rows][columns][4] = {};
  constexpr bool of_rows = Problem::summed == Summed::rows;
  SideSums<Problem::summed, of_rows ? T::m : T::n, T::threads> side;
  bool on_edge = false;
  if constexpr (Problem::summed != Summed::nothing)
    on_edge = view.sums && (of_rows ? col0 : row0) == 0;
  constexpr int depth = 8 * per_register;  // of a product along k
  struct Fragments {
    std::uint32_t left[rows][4], right[columns][2];
  };
  const auto fragments = [&](int s, int k) {
    const float *a = shared.ring.a[s % T::stages], *b = shared.ring.b[s % T::stages];
    Fragments f;
#pragma unroll
    for (int i = 0; i < rows; ++i)
#pragma unroll
      for (int v = 0; v < 4; ++v)
        f.left[i][v] = A::fragment(a, my_row + 16 * i + of_row + 8 * (v % 2),
                                   k + of_k + 4 * per_register * (v / 2));
#pragma unroll
    for (int j = 0; j < columns; ++j)
#pragma unroll
      for (int v = 0; v < 2; ++v)
        f.right[j][v] = B::fragment(b, my_col + 8 * j + of_row, k + of_k + 4 * per_register * v);
    return f;
  };
  const auto multiply = [&](const Fragments& f) {
#pragma unroll
    for (int i = 0; i < rows; ++i)
#pragma unroll
      for (int j = 0; j < columns; ++j) {
        if constexpr (Mode == MathMode::bf16)
          mma_bf16(sums[i][j], f.left[i], f.right[j]);
        else
          mma_tf32(sums[i][j], f.left[i], f.right[j]);
      }
  };
  const auto add_on_the_side = [&](int s) {
    if constexpr (Problem::summed == Summed::nothing) return;
    if (!on_edge) return;
    const float *a = shared.ring.a[s % T::stages], *b = shared.ring.b[s % T::stages];
    side.add([&](int row) {
      float sum = 0.0f;
#pragma unroll
      for (int k = 0; k < T::slice; ++k) sum += of_rows ? a[A::place(row, k)] : b[B::place(row, k)];
      return sum;
    });
  };
  const auto wait_for_slice = [] {
    async_wait<T::stages - 2>();
    __syncthreads();  // it is there for all, and nobody reads the one before any more
  };

  if constexpr (copies_both<Problem> && depth < T::slice) {
    // A warp reads the operands of its next products while the tensor cores are at these: with few
    // blocks on a multiprocessor no other warp would fill the gap. Behind the last slice it reads
    // one that is none, and leaves it.
    wait_for_slice();
    Fragments now = fragments(0, 0);
#pragma unroll 1
    for (int s = 0; s < slices; ++s) {
      add_on_the_side(s);
#pragma unroll
      for (int k = 0; k < T::slice; k += depth) {
        const bool last = k + depth == T::slice;
        if (k == 0) start(s + T::stages - 1);
        if (last) wait_for_slice();
        const Fragments next = fragments(last ? s + 1 : s, last ? 0 : k + depth);
        multiply(now);
        now = next;
      }
    }
  } else {
#pragma unroll 1
    for (int s = 0; s < slices; ++s) {
      wait_for_slice();
      if constexpr (!copies_both<Problem>) start(s + T::stages - 1);
      add_on_the_side(s);
#pragma unroll
      for (int k = 0; k < T::slice; k += depth) {
        const Fragments now = fragments(s, k);
        // The addresses of a slice to come are worked out while the tensor cores are at work; what
        // comes through registers would take more than there are.
        if (copies_both<Problem> && k == 0) start(s + T::stages - 1);
        multiply(now);
      }
    }
  }

  if (!partial && gridDim.y > 1) {
    auto& part = shared.part;
    __syncthreads();  // the ring is read to its end
#pragma unroll
    for (int i = 0; i < 2 * rows; ++i)
#pragma unroll
      for (int j = 0; j < columns; ++j)
        *reinterpret_cast<float2*>(
            &part.c[my_row + 8 * i + of_row][my_col + 8 * j + 2 * (lane_index() & 3)]) =
            make_float2(sums[i / 2][j][2 * (i % 2)], sums[i / 2][j][2 * (i % 2) + 1]);
    side.write(part.sums, 0, of_rows ? T::m : T::n);
    return add_parts<T, Problem::summed>(part, view, finish, row0, col0, on_edge);
  }
  if constexpr (Problem::summed != Summed::nothing) {
    if (on_edge) write_sums(side, view, partial, partial_stride, of_rows ? row0 : col0);
  }
#pragma unroll
  for (int i = 0; i < 2 * rows; ++i) {
    const int row = row0 + my_row + 8 * i + of_row;
    if (row >= view.m) continue;
    float* out = partial ? partial + partial_stride * (blockIdx.y * gridDim.z + blockIdx.z) +
                               static_cast<std::int64_t>(row) * view.n
                         : view.output(row);
#pragma unroll
    for (int j = 0; j < columns; ++j)
      write_pair(view, finish, out, partial != nullptr,
                 col0 + my_col + 8 * j + 2 * (lane_index() & 3), sums[i / 2][j][2 * (i % 2)],
                 sums[i / 2][j][2 * (i % 2) + 1]);
  }
}

}  // namespace ganymede::kernels::cuda
