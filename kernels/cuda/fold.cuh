#pragma once
// Deterministic reductions, shared by the families reduce, norm, conv and gemm.
//
//   output[o, k] = finish( merge over r of op(o, k, r) ),  o < outer, k < kept, r < reduced
//
// A block of 256 threads covers some outputs times some positions along r. In `rows` layout the
// reduced index is the contiguous one, so neighbouring threads walk along r; in `columns` layout
// the kept index is. Each thread folds its positions in ascending order, a tree in shared memory
// merges the threads, and where few outputs would leave the device idle r is cut into chunks. On
// devices with clusters the blocks of up to eight chunks are one, whose first block reads the
// others' states; where eight are too few, and on older devices, a second kernel merges the states,
// a warp for each output. Always in one order, and cuts depend on the shape and the device alone:
// same bits on every run.

#include <algorithm>
#include <cstdint>

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_cluster.cuh>

namespace ganymede::kernels::cuda {

enum class FoldLayout : std::uint8_t { rows, columns };

struct FoldShape {
  std::int64_t outer, kept, reduced;
  FoldLayout layout;
  std::int64_t existing = 0;  ///< outputs, where an op's `exists` leaves some out; 0: all
};

namespace fold_detail {

inline constexpr int threads = 256;

/// How a fold is cut: `lanes` threads along the contiguous index, chunks of `per_chunk` along r.
struct Plan {
  int lanes, positions, outputs;
  std::int64_t chunks, per_chunk;
  bool clustered;  ///< the chunks of an output are the blocks of a cluster
};

inline int power_of_two_from(std::int64_t n, int most) {
  int p = 1;
  while (p < n && p < most) p *= 2;
  return p;
}

/// What a thread is worth, in elements.
struct Worth {
  std::int64_t least = 8;   ///< that a chunk more must leave it
  std::int64_t most = 256;  ///< above which a second launch costs less than the blocks of a cluster
};

template <class Op>
constexpr Worth worth() {
  Worth w;
  if constexpr (requires { Op::least_per_thread; }) w.least = Op::least_per_thread;
  if constexpr (requires { Op::most_per_thread; }) w.most = Op::most_per_thread;
  return w;
}

inline Plan plan(const FoldShape& s, bool clusters, const Worth& worth) {
  Plan p{};
  if (s.layout == FoldLayout::rows) {
    p.lanes = s.reduced > 1024 ? threads : power_of_two_from(s.reduced, 32);
    p.positions = p.lanes;
    p.outputs = threads / p.lanes;
  } else {
    p.lanes = power_of_two_from(s.kept, 32);
    p.positions = threads / p.lanes;
    p.outputs = p.lanes;
  }
  constexpr std::int64_t wanted_blocks = 512, most_chunks = 256;
  const std::int64_t blocks = s.existing > 0 ? ceil_div<std::int64_t>(s.existing, p.outputs)
                                             : ceil_div<std::int64_t>(s.kept, p.outputs) * s.outer;
  const std::int64_t useful = ceil_div<std::int64_t>(s.reduced, p.positions * worth.least);
  p.chunks = std::clamp<std::int64_t>(std::min(wanted_blocks / blocks, useful), 1, most_chunks);
  constexpr std::int64_t most_blocks = 8;
  p.clustered =
      clusters && p.chunks > 1 && ceil_div(s.reduced, most_blocks * p.positions) <= worth.most;
  if (p.clustered) p.chunks = power_of_two_from(p.chunks, most_blocks);
  p.per_chunk = ceil_div(s.reduced, p.chunks);
  if (!p.clustered)
    p.chunks = std::max<std::int64_t>(1, p.per_chunk ? ceil_div(s.reduced, p.per_chunk) : 1);
  return p;
}

template <class Op>
struct Shared {
  typename Op::State states[threads];
};

template <class Op>
__global__ void __launch_bounds__(threads)
    first_stage(Op op, FoldShape s, Plan plan, typename Op::State* partial) {
  using State = typename Op::State;
  Shared<Op>& shared = shared_memory<Shared<Op>>();
  const int tid = static_cast<int>(threadIdx.x);
  const bool rows = s.layout == FoldLayout::rows;
  const int position = rows ? tid % plan.lanes : tid / plan.lanes;
  const int merge_stride = rows ? 1 : plan.lanes;
  const std::int64_t k = static_cast<std::int64_t>(blockIdx.x) * plan.outputs +
                         (rows ? tid / plan.lanes : tid % plan.lanes);
  const std::int64_t begin = blockIdx.y * plan.per_chunk;
  const std::int64_t stop = begin + plan.per_chunk;
  const std::int64_t end = k >= s.kept ? begin : stop < s.reduced ? stop : s.reduced;
  const bool owner = position == 0 && k < s.kept;

  for (std::int64_t o = blockIdx.z; o < s.outer; o += gridDim.z) {
    State state = Op::empty();
    std::int64_t last = end;
    if constexpr (requires { op.exists(o, k); })
      if (last > begin && !op.exists(o, k)) last = begin;
#pragma unroll Op::unroll
    for (std::int64_t r = begin + position; r < last; r += plan.positions) op.add(state, o, k, r);
    shared.states[tid] = state;
    __syncthreads();
    for (int step = plan.positions / 2; step > 0; step /= 2) {
      if (position < step) {
        Op::merge(state, shared.states[tid + step * merge_stride]);
        shared.states[tid] = state;
      }
      __syncthreads();
    }
    if (plan.clustered) {
      cluster_sync();
      if (owner && blockIdx.y == 0) {
        for (unsigned rank = 1; rank < gridDim.y; ++rank)
          Op::merge(state, cluster_load(&shared.states[tid], rank));
        op.finish(o, k, state);
      }
      cluster_sync();
      continue;
    }
    if (owner) {
      if (plan.chunks == 1) {
        op.finish(o, k, state);
      } else {
        partial[(o * plan.chunks + blockIdx.y) * s.kept + k] = state;
      }
    }
    __syncthreads();
  }
}

/// A warp per output: lane l merges chunks l, l + 32, ... in ascending order, then the lanes meet
/// in a tree of fixed form. One thread on its own would merge for longer than the first stage
/// folds.
template <class Op>
__global__ void __launch_bounds__(threads)
    second_stage(Op op, FoldShape s, std::int64_t chunks, const typename Op::State* partial) {
  constexpr int warps = threads / 32, in_flight = 4;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * warps + warp_index();
       i < s.outer * s.kept; i += static_cast<std::int64_t>(gridDim.x) * warps) {
    const std::int64_t o = i / s.kept, k = i - o * s.kept;
    typename Op::State state = Op::empty();
    for (std::int64_t c = lane_index(); c < chunks; c += 32 * in_flight) {
      typename Op::State states[in_flight];  // all asked for before the first is merged
#pragma unroll
      for (int j = 0; j < in_flight; ++j) {
        const std::int64_t at = c + 32 * j;
        states[j] = at < chunks ? partial[(o * chunks + at) * s.kept + k] : Op::empty();
      }
#pragma unroll
      for (int j = 0; j < in_flight; ++j) Op::merge(state, states[j]);
    }
#pragma unroll 1
    for (int step = 1; step < 32 && step < chunks; step *= 2)
      Op::merge(state, shuffle_xor(state, step));
    if (lane_index() == 0) op.finish(o, k, state);
  }
}

}  // namespace fold_detail

/// Op: `State`, `unroll` (elements of a thread in flight), `static State empty()`, `add(State&, o,
/// k, r)`, `static merge(State&, State)`, `finish(o, k, State)`. reduced = 0 finishes empty states.
/// If it wants: `exists(o, k)`, false for outputs of which nothing is added (asked once, so that
/// the loop has no branch; they are finished too), `least_per_thread` and `most_per_thread`
/// (fold_detail::Worth).
template <class Op>
void fold(Stream& stream, const FoldShape& s, const Op& op) {
  namespace d = fold_detail;
  if (s.outer <= 0 || s.kept <= 0) return;
  const d::Plan plan = d::plan(s, has_clusters(stream), d::worth<Op>());
  const dim3 grid(static_cast<unsigned>(ceil_div<std::int64_t>(s.kept, plan.outputs)),
                  static_cast<unsigned>(plan.chunks),
                  static_cast<unsigned>(std::min<std::int64_t>(s.outer, 65535)));
  using State = typename Op::State;
  const unsigned blocks_together = plan.clustered ? grid.y : 1;
  const bool two_stages = plan.chunks > 1 && !plan.clustered;
  Block partial;
  if (two_stages)
    partial = allocate(stream, sizeof(State) * static_cast<std::size_t>(plan.chunks) *
                                   static_cast<std::size_t>(s.outer * s.kept));
  State* states = static_cast<State*>(partial.data());
  launch_clusters(stream, dim3(1, blocks_together, 1), grid, d::threads, sizeof(d::Shared<Op>),
                  d::first_stage<Op>, op, s, plan, states);
  if (two_stages)
    launch(stream, grid_for(s.outer * s.kept, d::threads / 32), d::threads, 0, d::second_stage<Op>,
           op, s, plan.chunks, states);
}

/// Count, mean and squared deviations of a sample, in one pass. A thread accumulates around its own
/// first element, which bounds the cancellation; merging brings two samples together (Chan, Golub &
/// LeVeque 1983).
struct Moments {
  float count, shift, sum, square;  ///< sums of (x - shift) and (x - shift)^2

  __device__ static Moments empty() { return {0.0f, 0.0f, 0.0f, 0.0f}; }
  __device__ void add(float x) {
    if (count == 0.0f) shift = x;
    const float d = x - shift;
    count += 1.0f;
    sum += d;
    square += d * d;
  }
  __device__ float mean() const { return count > 0.0f ? shift + sum / count : 0.0f; }
  __device__ float deviations() const {
    const float d = count > 0.0f ? square - sum * (sum / count) : 0.0f;
    return d > 0.0f || d != d ? d : 0.0f;  // rounding may not make it negative; NaN shows
  }
  __device__ float variance() const { return count > 0.0f ? deviations() / count : 0.0f; }

  __device__ static void merge(Moments& a, const Moments& b) {
    if (b.count == 0.0f) return;
    if (a.count == 0.0f) {
      a = b;
      return;
    }
    const float count = a.count + b.count, ma = a.mean(), d = b.mean() - ma;
    const float share = b.count / count;
    a = {count, ma + d * share, 0.0f, a.deviations() + b.deviations() + d * d * a.count * share};
  }
};

/// mean and biased variance of each column of a matrix whose rows start `stride` f32 apart.
void column_moments(Stream&, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                    const float* x, float* mean, float* variance);
/// y[c] = sum over rows of x[r, c].
void column_sums(Stream&, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                 const float* x, float* y);

}  // namespace ganymede::kernels::cuda
