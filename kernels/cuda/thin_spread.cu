// wide[p, :] = finish(sum over taps and thin channels of thin[p at tap, c] w[tap, c, :])
//
// The first convolution of a discriminator forward, the last of a generator backward. A block keeps
// the weights of its channels, and a patch of the thin side, in shared memory; a thread has four
// channels of eight neighbouring pixels: for every load of four weights and eight pixels, 32
// products.

#include <algorithm>

#include <ganymede/kernels/cuda/thin_map.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int threads = 256, run = 8, most_weights = 1536, most_patch = 6144;

struct Shared {
  float4 weights[most_weights];
  float patch[most_patch];
};

/// Weights (k, vector) of this block's channels, k = (row tap, column tap, thin channel).
__device__ void stage_weights(const ThinMap& map, const ThinCut& cut, const ThinAxis& rows,
                              const ThinAxis& columns, const float* w, float4* weights) {
  const int vector = static_cast<int>(threadIdx.x) & (cut.vectors() - 1);
  const int wide = 4 * ((static_cast<int>(blockIdx.y) << cut.log_vectors) + vector);
  const int depth = rows.taps * columns.taps * map.thin;
  for (int k = static_cast<int>(threadIdx.x) >> cut.log_vectors; k < depth;
       k += threads >> cut.log_vectors) {
    const int tap = cut.by_thin.quotient(k), c = k - tap * map.thin;
    const int r = tap / columns.taps, s = tap - r * columns.taps;
    const int place =
        (rows.tap0 + r * rows.tap_step) * map.kernel_w + columns.tap0 + s * columns.tap_step;
    const float* from = w + wide * map.w_wide + c * map.w_thin + place * map.w_tap;
    float4 v = make_float4(0, 0, 0, 0);
    if (wide < map.wide)
      v = make_float4(__ldg(from), __ldg(from + map.w_wide), __ldg(from + 2 * map.w_wide),
                      __ldg(from + 3 * map.w_wide));
    weights[(k << cut.log_vectors) + vector] = rounded(v, map.mode);
  }
}

/// Step: floats from a pixel's input to its neighbour's, stride times thin channels.
template <int Step>
__global__ void __launch_bounds__(threads)
    thin_spread_kernel(const __grid_constant__ ThinMap map, const __grid_constant__ ThinCut cut,
                       Prologue prologue, Finish finish, const float* thin, const float* w,
                       float* wide) {
  Shared& shared = shared_memory<Shared>();
  const ThinAxis &rows = phase_rows(map), &columns = phase_columns(map);
  stage_weights(map, cut, rows, columns, w, shared.weights);
  const int vector = static_cast<int>(threadIdx.x) & (cut.vectors() - 1);
  const int slot = static_cast<int>(threadIdx.x) >> cut.log_vectors;
  const int line = slot >> cut.log_column_slots;
  const int column = run * (slot & (cut.column_slots() - 1));
  const int channel = 4 * ((static_cast<int>(blockIdx.y) << cut.log_vectors) + vector);
  const bool mine = channel < map.wide && line < cut.lines;
  const float* pixels =
      shared.patch + (mine ? line * cut.patch_rows * cut.patch_row + column * Step : 0);

  for (int i = static_cast<int>(blockIdx.x);; i += static_cast<int>(gridDim.x)) {
    const ThinSegment segment = thin_segment(map, cut, rows, columns, run, i);
    if (!segment.exists) return;  // all threads alike
    stage_patch(map, cut, rows, columns, segment, prologue, thin, shared.patch);
    __syncthreads();
    if (mine && segment.line + line < map.lines(rows)) {
      float4 sums[run] = {};
      const float4* weight = shared.weights + vector;
      for (int r = 0; r < rows.taps; ++r)
        for (int s = 0; s < columns.taps; ++s) {
          const float* from = pixels + r * cut.patch_row + columns.tap_offset(s) * map.thin;
          for (int c = 0; c < map.thin; ++c, weight += cut.vectors()) {
            const float4 v = *weight;
#pragma unroll
            for (int e = 0; e < run; ++e) fma4(sums[e], from[e * Step + c], v);
          }
        }
      const GridLine at = grid_line(rows, segment.line + line);
      const int first = segment.column + column;
      float* to = wide + grid_offset(map, rows, columns, at, first) + channel;
      float bias[4] = {};
      if (finish.bias)
        for (int j = 0; j < 4; ++j) bias[j] = __ldg(finish.bias + channel + j);
      const Finish rest{nullptr, finish.activation, finish.slope};
#pragma unroll
      for (int e = 0; e < run; ++e)
        if (first + e < columns.count)
          store4(
              to + e * columns.step * map.grid_pixel,
              make_float4(rest.cheap(sums[e].x + bias[0], 0), rest.cheap(sums[e].y + bias[1], 0),
                          rest.cheap(sums[e].z + bias[2], 0), rest.cheap(sums[e].w + bias[3], 0)));
    }
    __syncthreads();  // the patch is used up
  }
}

}  // namespace

bool thin_spread(Stream& stream, const ThinMap& map, const Prologue& prologue, const Finish& finish,
                 const float* thin, const float* w, float* wide) {
  constexpr int most_vectors = 32, least_vectors = 4;
  if (!wide_channels(wide, map.grid_pixel, map.wide)) return false;
  if (finish.activation != Activation::none && finish.activation != Activation::leaky_relu)
    return false;
  int vectors = 1;
  while (vectors < most_vectors && vectors * 4 < map.wide) vectors *= 2;
  while (vectors > least_vectors && std::int64_t{map.depth()} * vectors > most_weights)
    vectors /= 2;
  if (std::int64_t{map.depth()} * vectors > most_weights) return false;
  constexpr decltype(&thin_spread_kernel<1>) by_step[] = {nullptr,
                                                          thin_spread_kernel<1>,
                                                          thin_spread_kernel<2>,
                                                          thin_spread_kernel<3>,
                                                          thin_spread_kernel<4>,
                                                          nullptr,
                                                          thin_spread_kernel<6>};
  const int step = map.columns[0].stride * map.thin;
  if (step >= static_cast<int>(std::size(by_step)) || !by_step[step]) return false;
  const ThinCut cut = cut_thin(map, vectors, run, threads / vectors, most_patch);
  if (cut.lines == 0) return false;
  // Blocks that stay keep their weights; four fit a multiprocessor.
  const int others = cut.wide_blocks * map.phases();
  const int blocks = std::clamp(4 * multiprocessors(stream) / others, 1, cut.segments);
  launch(stream,
         dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(cut.wide_blocks),
              static_cast<unsigned>(map.phases())),
         threads, sizeof(Shared), by_step[step], map, cut, prologue, finish, thin, w, wide);
  return true;
}

}  // namespace ganymede::kernels::cuda
