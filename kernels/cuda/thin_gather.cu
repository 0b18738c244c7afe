// thin[p, c] = finish(sum over taps and wide channels of wide[p at tap, :] w[tap, c, :])
//
// The last convolution of a generator forward, transposed or not, the first of a discriminator
// backward. A warp has a run of eight neighbouring pixels of a row, its lanes four wide channels
// each: of a row of taps the weights are in registers and each wide pixel is loaded once for all
// taps and pixels that meet it. A butterfly adds the lanes up.

#include <algorithm>
#include <cstdlib>

#include <ganymede/kernels/cuda/thin_map.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int threads = 256, warps = threads / 32, run = 8, most_weights = 3072;

struct Shared {
  float4 weights[most_weights];  ///< [row tap][Taps columns, from the left][thin][wide in fours]
};

template <int Taps, int Thin>
__device__ void stage_weights(const ThinMap& map, const ThinAxis& rows, const ThinAxis& columns,
                              const float* w, float4* weights) {
  const int vectors = map.wide / 4;
  for (int k = warp_index(); k < rows.taps * Taps * Thin; k += warps) {
    const int tap = k / Thin, c = k - tap * Thin, r = tap / Taps, left = tap - r * Taps;
    const int s = columns.reach < 0 ? columns.taps - 1 - left : left;
    const int place =
        (rows.tap0 + r * rows.tap_step) * map.kernel_w + columns.tap0 + s * columns.tap_step;
    for (int vector = lane_index(); vector < vectors; vector += 32) {
      float4 v = make_float4(0, 0, 0, 0);
      if (left < columns.taps) {
        const float* from = w + 4 * vector * map.w_wide + c * map.w_thin + place * map.w_tap;
        v = make_float4(__ldg(from), __ldg(from + map.w_wide), __ldg(from + 2 * map.w_wide),
                        __ldg(from + 3 * map.w_wide));
      }
      weights[k * vectors + vector] = rounded(v, map.mode);
    }
  }
}

/// Sum over the lanes of sums[e][c] for the lane's pixel e = lane / 4: halves of the pixels are
/// swapped for halves of the lanes, nine shuffles for eight pixels.
template <int Thin>
__device__ float sum_of_pixel(const float (&sums)[run][Thin], int c) {
  const int lane = lane_index();
  float left[run];
#pragma unroll
  for (int e = 0; e < run; ++e) left[e] = sums[e][c];
#pragma unroll
  for (int half = run / 2, bit = 16; half > 0; half /= 2, bit /= 2) {
    const bool upper = (lane & bit) != 0;
#pragma unroll
    for (int e = 0; e < half; ++e) {
      const float keep = upper ? left[e + half] : left[e], send = upper ? left[e] : left[e + half];
      left[e] = keep + __shfl_xor_sync(full_warp, send, bit);
    }
  }
#pragma unroll
  for (int bit = 2; bit > 0; bit /= 2) left[0] += __shfl_xor_sync(full_warp, left[0], bit);
  return left[0];
}

/// Taps: columns of taps, at least those of every phase; they lie side by side.
template <int Taps, int Thin, MathMode Mode>
__global__ void __launch_bounds__(threads, Thin == 1 ? 2 : 1)
    thin_gather_kernel(const __grid_constant__ ThinMap map, Finish finish, const float* wide,
                       const float* w, float* thin) {
  Shared& shared = shared_memory<Shared>();
  const ThinAxis &rows = phase_rows(map), &columns = phase_columns(map);
  stage_weights<Taps, Thin>(map, rows, columns, w, shared.weights);
  __syncthreads();
  const int vectors = map.wide / 4, across = ceil_div(columns.count, run);
  const int items = map.lines(rows) * across, lane = lane_index();
  // A weight of zero would not do: its product with an infinity is none.
  bool exists[Taps];
#pragma unroll
  for (int s = 0; s < Taps; ++s) exists[s] = s < columns.taps;

  for (int i = static_cast<int>(blockIdx.x) * warps + warp_index(); i < items;
       i += static_cast<int>(gridDim.x) * warps) {
    const int number = i / across, first = (i - number * across) * run;
    const GridLine at = grid_line(rows, number);
    const int left = columns.origin + first + columns.lowest();
    float sums[run][Thin] = {};
    for (int vector = lane; vector < vectors; vector += 32) {
      for (int r = 0; r < rows.taps; ++r) {
        const int h = rows.origin + at.row * rows.stride + r * rows.reach;
        if (static_cast<unsigned>(h) >= static_cast<unsigned>(rows.extent)) continue;
        float4 weight[Taps][Thin];
#pragma unroll
        for (int s = 0; s < Taps; ++s)
#pragma unroll
          for (int c = 0; c < Thin; ++c)
            weight[s][c] = shared.weights[((r * Taps + s) * Thin + c) * vectors + vector];
        const float* line =
            wide + 4 * vector +
            (std::int64_t{at.image} * rows.extent + h) * columns.extent * map.other_pixel;
#pragma unroll
        for (int u = 0; u < run + Taps - 1; ++u) {
          const int column = left + u;
          const bool inside = static_cast<unsigned>(column) < static_cast<unsigned>(columns.extent);
          const float4 v =
              rounded<Mode>(load4_or_zeros(inside ? line + column * map.other_pixel : nullptr));
#pragma unroll
          for (int e = 0; e < run; ++e) {
            if (u < e || u - e >= Taps) continue;  // known when compiled
            if (!exists[u - e]) continue;
#pragma unroll
            for (int c = 0; c < Thin; ++c) {
              const float4& b = weight[u - e][c];
              sums[e][c] += v.x * b.x;
              sums[e][c] += v.y * b.y;
              sums[e][c] += v.z * b.z;
              sums[e][c] += v.w * b.w;
            }
          }
        }
      }
    }
    float totals[Thin];
#pragma unroll
    for (int c = 0; c < Thin; ++c) totals[c] = sum_of_pixel(sums, c);
    const int e = lane >> 2;
    if (lane % 4 == 0 && first + e < columns.count) {
      float* to = thin + grid_offset(map, rows, columns, at, first + e);
#pragma unroll
      for (int c = 0; c < Thin; ++c) to[c] = finish.full(totals[c], c);
    }
  }
}

using Gather = decltype(&thin_gather_kernel<1, 1, MathMode::fp32>);

/// Null where there is no kernel for so many; six columns of taps take that of seven.
template <MathMode Mode>
Gather gather_of(int taps, int thin) {
  constexpr Gather of_one[] = {nullptr,
                               thin_gather_kernel<1, 1, Mode>,
                               thin_gather_kernel<2, 1, Mode>,
                               thin_gather_kernel<3, 1, Mode>,
                               thin_gather_kernel<4, 1, Mode>,
                               thin_gather_kernel<5, 1, Mode>,
                               thin_gather_kernel<7, 1, Mode>,
                               thin_gather_kernel<7, 1, Mode>};
  constexpr Gather of_three[] = {nullptr,
                                 thin_gather_kernel<1, 3, Mode>,
                                 thin_gather_kernel<2, 3, Mode>,
                                 thin_gather_kernel<3, 3, Mode>,
                                 thin_gather_kernel<4, 3, Mode>,
                                 thin_gather_kernel<5, 3, Mode>};
  if (thin == 1 && taps < static_cast<int>(std::size(of_one))) return of_one[taps];
  if (thin == 3 && taps < static_cast<int>(std::size(of_three))) return of_three[taps];
  return nullptr;
}

}  // namespace

bool thin_gather(Stream& stream, const ThinMap& map, const Prologue& prologue, const Finish& finish,
                 const float* wide, const float* w, float* thin) {
  if (prologue.scale || !wide_channels(wide, map.other_pixel, map.wide)) return false;
  int taps = 0, row_taps = 0, rows = 0, columns = 0;
  for (int i = 0; i < map.row_phases; ++i) {
    row_taps = std::max(row_taps, map.rows[i].taps);
    rows = std::max(rows, map.rows[i].count);
  }
  for (int i = 0; i < map.column_phases; ++i) {
    const ThinAxis& axis = map.columns[i];
    if (axis.stride != 1 || (axis.taps > 1 && std::abs(axis.reach) != 1)) return false;
    taps = std::max(taps, axis.taps);
    columns = std::max(columns, axis.count);
  }
  if (rows == 0 || columns == 0) return false;
  const auto of_mode = map.mode == MathMode::tf32   ? gather_of<MathMode::tf32>
                       : map.mode == MathMode::bf16 ? gather_of<MathMode::bf16>
                                                    : gather_of<MathMode::fp32>;
  const Gather kernel = of_mode(taps, map.thin);
  if (!kernel) return false;
  const int compiled = taps == 6 ? 7 : taps;
  if (std::int64_t{row_taps} * compiled * map.thin * map.wide / 4 > most_weights) return false;
  const int blocks = ceil_div(map.batch * rows * ceil_div(columns, run), warps);
  const int full = std::max(2 * multiprocessors(stream) / map.phases(), 1);
  launch(
      stream,
      dim3(static_cast<unsigned>(std::min(blocks, full)), 1, static_cast<unsigned>(map.phases())),
      threads, sizeof(Shared), kernel, map, finish, wide, w, thin);
  return true;
}

}  // namespace ganymede::kernels::cuda
