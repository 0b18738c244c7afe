// A block of 256 threads keeps 64 rows of its output, 64 columns wide, in registers and walks the
// other side in tiles (attention_tile.cuh): scores, weights from the scores, weighted sum. Wider
// outputs take more blocks, which compute the scores again.
//   forward   o_i = sum_j softmax_j(scale <q_i, k_j>) v_j    running maximum and sum per row
//   backward  gv_j = sum_i p_ij go_i,  gq_i = sum_j d_ij k_j,  gk_j = sum_i d_ij q_i
//             p_ij = exp(scale <q_i, k_j> - log_sum_i),  d_ij = scale p_ij (<go_i, v_j> - delta_i)
//             delta_i = <go_i, o_i>: one kernel, whose blocks are of one of the three gradients

#include <ganymede/kernels/attention.h>
#include <ganymede/kernels/cuda/attention_tile.cuh>
#include <ganymede/kernels/cuda/fold.cuh>

#include <algorithm>

namespace ganymede::kernels::cuda {
namespace {

using namespace attention_tile;

// ---- forward -----------------------------------------------------------------------------------

/// Softmax's running state of one row.
struct Online {
  float top, sum;

  /// Scores become weights under the new maximum; returns by how much the past shrinks.
  __device__ float absorb(float (&scores)[per]) {
    float best = top;
#pragma unroll
    for (int j = 0; j < per; ++j) best = best < scores[j] ? scores[j] : best;
    best = row_max(best);
    const float shrink = std::exp(top - best);
    float added = 0.0f;
#pragma unroll
    for (int j = 0; j < per; ++j) added += scores[j] = std::exp(scores[j] - best);
    sum = sum * shrink + row_sum(added);
    top = best;
    return shrink;
  }
};

__device__ void scale_and_mask(Square& s, float scale, int first, int keys, const Place& me) {
#pragma unroll
  for (int i = 0; i < per; ++i)
#pragma unroll
    for (int j = 0; j < per; ++j)
      s[i][j] = first + me.column(j) < keys ? scale * s[i][j] : -INFINITY;
}

__global__ void __launch_bounds__(threads)
    attention_kernel(AttentionShape s, const float* q, const float* k, const float* v, float* o,
                     float* log_sum) {
  Shared& shared = shared_memory<Shared>();
  const Place me = Place::here();
  const int tiles = ceil_div(s.queries, tile);
  const int n = static_cast<int>(blockIdx.x) / tiles;
  const int row = static_cast<int>(blockIdx.x) % tiles * tile;
  const int column = static_cast<int>(blockIdx.y) * tile;
  const Rows queries = rows_of(q, n, s.queries, s.depth), keys = rows_of(k, n, s.keys, s.depth),
             values = rows_of(v, n, s.keys, s.channels);
  Square out, scores;
  clear(out);
  Online state[per];
#pragma unroll
  for (int i = 0; i < per; ++i) state[i] = {-INFINITY, 0.0f};
  for (int key = 0; key < s.keys; key += tile) {
    products(shared, queries, row, keys, key, me, scores);
    scale_and_mask(scores, s.scale, key, s.keys, me);
#pragma unroll
    for (int i = 0; i < per; ++i) {
      const float shrink = state[i].absorb(scores[i]);
#pragma unroll
      for (int c = 0; c < per; ++c) out[i][c] *= shrink;
    }
    add_weighted(shared, scores, values, key, column, me, out);
  }
#pragma unroll
  for (int i = 0; i < per; ++i) {
    if (row + me.row(i) >= s.queries) continue;
    const std::int64_t at = static_cast<std::int64_t>(n) * s.queries + row + me.row(i);
    if (blockIdx.y == 0 && me.x == 0) log_sum[at] = state[i].top + std::log(state[i].sum);
#pragma unroll
    for (int c = 0; c < per; ++c)
      if (column + me.column(c) < s.channels)
        o[at * s.channels + column + me.column(c)] = out[i][c] / state[i].sum;
  }
}

// ---- backward ----------------------------------------------------------------------------------

/// delta = <go, o> of each query.
struct Delta {
  using State = float;
  static constexpr int unroll = 4;
  std::int64_t channels;
  const float *o, *go;
  float* delta;
  __device__ static State empty() { return 0.0f; }
  __device__ static void merge(State& into, State from) { into += from; }
  __device__ void add(State& s, std::int64_t, std::int64_t k, std::int64_t r) const {
    s += go[k * channels + r] * o[k * channels + r];
  }
  __device__ void finish(std::int64_t, std::int64_t k, State s) const { delta[k] = s; }
};

struct GradArgs {
  AttentionShape s;
  const float *q, *k, *v, *log_sum, *go, *delta;
  float *gq, *gk, *gv;
};

/// out_r = sum over others of weight(r, other) values_other. Rows are queries and others keys, or
/// the other way round; a, b and ga, gb are the rows' and the others' side of <q, k> and <go, v>.
struct WeightedSum {
  AttentionShape s;
  bool rows_are_keys;
  int width;  ///< of values and out
  const float *a, *b, *ga, *gb, *log_sum, *delta, *values;
  float* out;

  __device__ int rows() const { return rows_are_keys ? s.keys : s.queries; }
  __device__ int others() const { return rows_are_keys ? s.queries : s.keys; }
  /// Which query an entry of the tile belongs to.
  __device__ int query(int row, int other) const { return rows_are_keys ? other : row; }
};

/// Scores become p, or with the products of go and v in `g` d.
template <bool OfScores>
__device__ void weigh(const WeightedSum& w, int n, int row, int other, const Place& me,
                      const Square& g, Square& s) {
#pragma unroll
  for (int i = 0; i < per; ++i)
#pragma unroll
    for (int j = 0; j < per; ++j) {
      const int r = row + me.row(i), t = other + me.column(j);
      if (r >= w.rows() || t >= w.others()) {
        s[i][j] = 0.0f;
        continue;
      }
      const std::int64_t at = static_cast<std::int64_t>(n) * w.s.queries + w.query(r, t);
      const float p = std::exp(w.s.scale * s[i][j] - w.log_sum[at]);
      s[i][j] = OfScores ? w.s.scale * p * (g[i][j] - w.delta[at]) : p;
    }
}

/// A tile of rows by `side` x Columns columns from `column` on.
template <bool OfScores, int Columns>
__device__ void weighted_sum(Shared& shared, const WeightedSum& w, int column) {
  const Place me = Place::here();
  const int tiles = ceil_div(w.rows(), tile);
  const int n = static_cast<int>(blockIdx.x) / tiles;
  if (n >= w.s.batch) return;  // the other side has more tiles
  const int row = static_cast<int>(blockIdx.x) % tiles * tile;
  const Rows a = rows_of(w.a, n, w.rows(), w.s.depth), b = rows_of(w.b, n, w.others(), w.s.depth),
             values = rows_of(w.values, n, w.others(), w.width);
  float out[per][Columns];
  Square scores, g;
  clear(out);
  for (int other = 0; other < w.others(); other += tile) {
    products(shared, a, row, b, other, me, scores);
    if constexpr (OfScores)
      products(shared, rows_of(w.ga, n, w.rows(), w.s.channels), row,
               rows_of(w.gb, n, w.others(), w.s.channels), other, me, g);
    weigh<OfScores>(w, n, row, other, me, g, scores);
    add_weighted(shared, scores, values, other, column, me, out);
  }
#pragma unroll
  for (int i = 0; i < per; ++i)
#pragma unroll
    for (int c = 0; c < Columns; ++c) {
      const int r = row + me.row(i), at = column + me.column(c);
      if (r < w.rows() && at < w.width)
        w.out[(static_cast<std::int64_t>(n) * w.rows() + r) * w.width + at] = out[i][c];
    }
}

/// Blocks along y are first of gv, then of gk, then of gq, each a slice of columns: none waits for
/// another, and small batches fill the device together only. Columns: for gq and gk.
template <int Columns>
__global__ void __launch_bounds__(threads) attention_grad_kernel(GradArgs g) {
  Shared& shared = shared_memory<Shared>();
  constexpr int narrow = side * Columns;
  const AttentionShape& s = g.s;
  const int of_values = g.gv ? ceil_div(s.channels, tile) : 0, slices = ceil_div(s.depth, narrow);
  int slice = static_cast<int>(blockIdx.y);
  if (slice < of_values) {
    weighted_sum<false, per>(
        shared, {s, true, s.channels, g.k, g.q, nullptr, nullptr, g.log_sum, nullptr, g.go, g.gv},
        slice * tile);
    return;
  }
  slice -= of_values;
  if (g.gk && slice < slices) {
    weighted_sum<true, Columns>(
        shared, {s, true, s.depth, g.k, g.q, g.v, g.go, g.log_sum, g.delta, g.q, g.gk},
        slice * narrow);
    return;
  }
  slice -= g.gk ? slices : 0;
  weighted_sum<true, Columns>(
      shared, {s, false, s.depth, g.q, g.k, g.go, g.v, g.log_sum, g.delta, g.k, g.gq},
      slice * narrow);
}

dim3 grid_of(int batch, int rows, int slices) {
  return {static_cast<unsigned>(batch * ceil_div(rows, tile)), static_cast<unsigned>(slices)};
}

template <int Columns>
void launch_grads(Stream& stream, const GradArgs& g) {
  const AttentionShape& s = g.s;
  const int of_scores = (g.gk ? 1 : 0) + (g.gq ? 1 : 0);
  const int slices =
      (g.gv ? ceil_div(s.channels, tile) : 0) + of_scores * ceil_div(s.depth, side * Columns);
  const int rows = std::max(g.gk || g.gv ? s.keys : 0, g.gq ? s.queries : 0);
  launch(stream, grid_of(s.batch, rows, slices), threads, sizeof(Shared),
         attention_grad_kernel<Columns>, g);
}

}  // namespace

void attention(Stream& stream, const AttentionShape& s, const float* q, const float* k,
               const float* v, float* o, float* log_sum) {
  launch(stream, grid_of(s.batch, s.queries, ceil_div(s.channels, tile)), threads, sizeof(Shared),
         attention_kernel, s, q, k, v, o, log_sum);
}

void attention_grad(Stream& stream, const AttentionShape& s, const float* q, const float* k,
                    const float* v, const float* o, const float* log_sum, const float* go,
                    float* gq, float* gk, float* gv) {
  if (!gq && !gk && !gv) return;
  Block block;
  if (gq || gk) {
    const std::int64_t count = std::int64_t{s.batch} * s.queries;
    block = allocate(stream, sizeof(float) * static_cast<std::size_t>(count));
    fold(stream, {1, count, s.channels, FoldLayout::rows},
         Delta{s.channels, o, go, static_cast<float*>(block.data())});
  }
  const GradArgs g{s, q, k, v, log_sum, go, static_cast<const float*>(block.data()), gq, gk, gv};
  if (s.depth <= side) return launch_grads<1>(stream, g);
  if (s.depth <= 2 * side) return launch_grads<2>(stream, g);
  launch_grads<per>(stream, g);
}

}  // namespace ganymede::kernels::cuda
