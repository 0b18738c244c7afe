// gw[tap, c, :] = sum over pixels p of thin[p at tap, c] wide[p, :], and the bias' gradient
//
// A cluster of blocks owns some wide channels of a phase and shares the pixels; each block keeps
// patches of the thin side in shared memory. A thread has four wide channels and ten of the rows
// (tap, c) and walks over pixels, four at a time: for every load of four channels 40 products. The
// four lie apart, so that a warp's lanes read neighbours of the patch. Sums go over the lanes of a
// warp, over its block's warps, then over the blocks, always in that order: one launch, the same
// bits on every run.

#include <algorithm>

#include <ganymede/kernels/cuda/primitives_cluster.cuh>
#include <ganymede/kernels/cuda/thin_map.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int threads = 256, warps = threads / 32, run = 4, own_rows = 10, most_patch = 8192;
constexpr int most_runs = 128, most_vectors = 8, most_blocks = 8;  // of a segment, block, cluster

struct Shared {
  float patch[most_patch];
  float4 sums[own_rows + 1][warps][most_vectors];  ///< the last is the bias'
};

/// Which warps have which rows: row slot i warps i * each, ..., their lanes the pixels.
struct RowSlots {
  int count, each;
};

enum class BiasOf : std::uint8_t { none, wide, thin };

__device__ float4 plus(const float4& a, const float4& b) {
  return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}

/// Over the lanes whose numbers differ in the bits from `first` on.
__device__ float4 lanes_sum(float4 v, int first) {
  for (int step = first; step < 32; step *= 2)
    v = plus(v, make_float4(
                    __shfl_xor_sync(full_warp, v.x, step), __shfl_xor_sync(full_warp, v.y, step),
                    __shfl_xor_sync(full_warp, v.z, step), __shfl_xor_sync(full_warp, v.w, step)));
  return v;
}

/// This thread's share of the sum over all pixels of the thin side.
__device__ float4 sum_of_thin(const ThinMap& map, const float* thin) {
  const int pixels = map.batch * map.rows[0].extent * map.columns[0].extent;
  float4 sum = make_float4(0, 0, 0, 0);
  const int threads_of_all = static_cast<int>(gridDim.x * blockDim.x);
#pragma unroll 4
  for (int p = static_cast<int>(grid_first()); p < pixels; p += threads_of_all) {
    const float* from = thin + p * map.other_pixel;
    const auto one = [&](int c) { return c < map.thin ? __ldg(from + c) : 0.0f; };
    sum = plus(sum, make_float4(one(0), one(1), one(2), one(3)));
  }
  return sum;
}

/// Row k of a phase's weights, k = (row tap, column tap, thin channel).
struct WeightRow {
  int patch;          ///< where it reads a patch, from a pixel's own place
  std::int64_t into;  ///< and lies among the weights of a wide channel
};
__device__ WeightRow weight_row(const ThinMap& map, const ThinCut& cut, const ThinAxis& rows,
                                const ThinAxis& columns, int k) {
  const int tap = cut.by_thin.quotient(k), c = k - tap * map.thin;
  const int r = tap / columns.taps, s = tap - r * columns.taps;
  const int place =
      (rows.tap0 + r * rows.tap_step) * map.kernel_w + columns.tap0 + s * columns.tap_step;
  return {r * cut.patch_row + columns.tap_offset(s) * map.thin + c,
          c * map.w_thin + place * map.w_tap};
}

template <MathMode Mode>
__global__ void __launch_bounds__(threads)
    thin_gradient_kernel(const __grid_constant__ ThinMap map, const __grid_constant__ ThinCut cut,
                         RowSlots slots, BiasOf bias, const float* thin, const float* wide,
                         float* gw, float* gbias) {
  Shared& shared = shared_memory<Shared>();
  const ThinAxis &rows = phase_rows(map), &columns = phase_columns(map);
  const int me = static_cast<int>(threadIdx.x), warp = warp_index(), lane = lane_index();
  const int first_vector = static_cast<int>(blockIdx.y) << cut.log_vectors;
  const int vector = lane & (cut.vectors() - 1), channel = 4 * (first_vector + vector);
  const int row_slot = warp / slots.each, pixels_of_warp = 32 >> cut.log_vectors;
  const int pixel_slot =
      (warp - row_slot * slots.each) * pixels_of_warp + (lane >> cut.log_vectors);
  const bool mine = channel < map.wide && row_slot < slots.count;
  const int depth = rows.taps * columns.taps * map.thin;

  int offsets[own_rows];
#pragma unroll
  for (int t = 0; t < own_rows; ++t) {
    const int k = row_slot * own_rows + t;
    offsets[t] = k < depth ? weight_row(map, cut, rows, columns, k).patch : 0;
  }

  const int step = columns.stride * map.thin, apart = cut.column_slots();
  const std::int64_t next = apart * columns.step * map.grid_pixel;
  float4 sums[own_rows] = {}, bias_sum = make_float4(0, 0, 0, 0);
  for (int i = static_cast<int>(blockIdx.x);; i += static_cast<int>(gridDim.x)) {
    const ThinSegment segment = thin_segment(map, cut, rows, columns, run, i);
    if (!segment.exists) break;  // all threads alike
    stage_patch(map, cut, rows, columns, segment, {}, thin, shared.patch);
    __syncthreads();
    for (int piece = pixel_slot; mine && piece < cut.lines << cut.log_column_slots;
         piece += slots.each * pixels_of_warp) {
      const int line = piece >> cut.log_column_slots;
      const int column = piece & (cut.column_slots() - 1), first = segment.column + column;
      if (segment.line + line >= map.lines(rows) || first >= columns.count) continue;
      const GridLine at = grid_line(rows, segment.line + line);
      const float* from = wide + grid_offset(map, rows, columns, at, first) + channel;
      float4 values[run];
#pragma unroll
      for (int e = 0; e < run; ++e)
        values[e] = load4_or_zeros(first + e * apart < columns.count ? from + e * next : nullptr);
#pragma unroll
      for (int e = 0; e < run; ++e) {
        bias_sum = plus(bias_sum, values[e]);
        values[e] = rounded<Mode>(values[e]);
      }
      const float* pixels = shared.patch + line * cut.patch_rows * cut.patch_row + column * step;
#pragma unroll
      for (int t = 0; t < own_rows; ++t)
#pragma unroll
        for (int e = 0; e < run; ++e)
          fma4(sums[t], pixels[offsets[t] + e * apart * step], values[e]);
    }
    __syncthreads();  // the patch is used up
  }
  const bool first_cluster = blockIdx.y == 0 && blockIdx.z == 0;
  if (bias == BiasOf::thin && first_cluster) bias_sum = sum_of_thin(map, thin);

#pragma unroll
  for (int t = 0; t <= own_rows; ++t) {
    const bool of_thin = t == own_rows && bias == BiasOf::thin;
    const float4 v = lanes_sum(t < own_rows ? sums[t < own_rows ? t : 0] : bias_sum,
                               of_thin ? 1 : cut.vectors());
    if (lane < cut.vectors()) shared.sums[t][warp][lane] = v;
  }
  __syncthreads();
  // Each row slot's first warp gets the sums of its others; the bias of the thin side is all
  // warps'.
  for (int i = me; i < (own_rows + 1) * slots.count << cut.log_vectors; i += threads) {
    const int v = i & (cut.vectors() - 1), row = i >> cut.log_vectors;
    const int slot = row / (own_rows + 1), t = row - slot * (own_rows + 1);
    const bool of_thin = t == own_rows && bias == BiasOf::thin;
    if (of_thin && (slot > 0 || v > 0)) continue;
    const int begin = slot * slots.each, end = of_thin ? warps : begin + slots.each;
    float4 total = shared.sums[t][begin][v];
    for (int w = begin + 1; w < end; ++w) total = plus(total, shared.sums[t][w][v]);
    shared.sums[t][begin][v] = total;
  }
  __syncthreads();
  cluster_sync();
  const auto total_of = [&](int t, int slot, int v) {
    const float4* place = &shared.sums[t][slot * slots.each][v];
    float4 total = cluster_load(place, 0);
    for (unsigned rank = 1; rank < gridDim.x; ++rank)
      total = plus(total, cluster_load(place, rank));
    return total;
  };
  const int blocks = static_cast<int>(gridDim.x), rank = static_cast<int>(blockIdx.x);
  for (int i = me * blocks + rank; i < depth << cut.log_vectors; i += threads * blocks) {
    const int v = i & (cut.vectors() - 1), k = i >> cut.log_vectors;
    const std::int64_t c = 4 * (first_vector + v);
    if (c >= map.wide) continue;
    const float4 total = total_of(k % own_rows, k / own_rows, v);
    float* to = gw + weight_row(map, cut, rows, columns, k).into + c * map.w_wide;
    to[0] = total.x;
    to[map.w_wide] = total.y;
    to[2 * map.w_wide] = total.z;
    to[3 * map.w_wide] = total.w;
  }
  if (bias == BiasOf::wide && rank == 0 && me < cut.vectors() &&
      4 * (first_vector + me) < map.wide) {
    const float4 total = total_of(own_rows, 0, me);
    const float values[] = {total.x, total.y, total.z, total.w};
    for (int e = 0; e < 4; ++e) gbias[4 * (first_vector + me) + e] = values[e];
  }
  if (bias == BiasOf::thin && rank == 0 && me == 0 && first_cluster) {
    const float4 total = total_of(own_rows, 0, 0);
    const float values[] = {total.x, total.y, total.z, total.w};
    for (int e = 0; e < map.thin; ++e) gbias[e] = values[e];
  }
  cluster_sync();  // nobody leaves while others still read
}

}  // namespace

bool thin_gradient(Stream& stream, const ThinMap& map, const float* thin, const float* wide,
                   float* gw, float* gbias, bool bias_of_wide) {
  if (!wide_channels(wide, map.grid_pixel, map.wide)) return false;
  int depth = 0;
  for (int i = 0; i < map.row_phases; ++i)
    for (int j = 0; j < map.column_phases; ++j)
      depth = std::max(depth, map.rows[i].taps * map.columns[j].taps * map.thin);
  RowSlots slots{ceil_div(depth, own_rows), 0};
  if (slots.count < 1 || slots.count > warps) return false;
  slots.each = warps / slots.count;
  const auto kernel = map.mode == MathMode::tf32   ? thin_gradient_kernel<MathMode::tf32>
                      : map.mode == MathMode::bf16 ? thin_gradient_kernel<MathMode::bf16>
                                                   : thin_gradient_kernel<MathMode::fp32>;

  // As few channels for a cluster as fill the device.
  const int together = has_clusters(stream, sizeof(Shared)) ? most_blocks : 1;
  const auto clusters = [&](int v) { return ceil_div(map.wide, 4 * v) * map.phases(); };
  int vectors = most_vectors;
  while (vectors > 1 && clusters(vectors) * together < multiprocessors(stream)) vectors /= 2;
  const ThinCut cut = cut_thin(map, vectors, run, most_runs, most_patch);
  if (cut.lines == 0) return false;
  int blocks = 1;
  while (blocks < together && blocks < cut.segments) blocks *= 2;
  const BiasOf bias = !gbias ? BiasOf::none : bias_of_wide ? BiasOf::wide : BiasOf::thin;
  launch_clusters(stream, dim3(static_cast<unsigned>(blocks), 1, 1),
                  dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(cut.wide_blocks),
                       static_cast<unsigned>(map.phases())),
                  threads, sizeof(Shared), kernel, map, cut, slots, bias, thin, wide, gw, gbias);
  return true;
}

}  // namespace ganymede::kernels::cuda
