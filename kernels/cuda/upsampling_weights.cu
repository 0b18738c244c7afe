// to[i, a, b, o] = sum_{di,dj < factor} from[o, last_h - a - di, last_w - b - dj, i].
// A block turns 32 outer by 32 inner elements of one tap (a, b): it reads the window's terms along
// i, sums them in registers, and writes along o from shared memory.

#include <ganymede/kernels/upsampling_weights.h>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int tile = 32, tile_rows = 8;

/// The odd row length keeps the transposed reads free of bank conflicts.
struct TurnShared {
  float values[tile][tile + 1];
};

/// Sum of the terms of tap (a, b) for one outer and one inner element.
__device__ float sum_of_terms(const TurnedSums& s, int a, int b, const float* from) {
  float sum = 0.0f;
  for (int r = s.last_h() - a - s.factor + 1; r <= s.last_h() - a; ++r)
    for (int c = s.last_w() - b - s.factor + 1; c <= s.last_w() - b; ++c)
      if (r >= 0 && r < s.from_h && c >= 0 && c < s.from_w)
        sum += from[(static_cast<std::int64_t>(r) * s.from_w + c) * s.inner];
  return sum;
}

__global__ void __launch_bounds__(tile* tile_rows)
    turn_kernel(TurnedSums s, const float* from, float* to) {
  TurnShared& shared = shared_memory<TurnShared>();
  const int o0 = blockIdx.x * tile, i0 = blockIdx.y * tile;
  const int column = threadIdx.x;
  for (int place = blockIdx.z; place < s.to_h * s.to_w; place += gridDim.z) {
    const int a = place / s.to_w, b = place - a * s.to_w;
    for (int j = threadIdx.y; j < tile; j += tile_rows)
      if (o0 + j < s.outer && i0 + column < s.inner)
        shared.values[j][column] = sum_of_terms(
            s, a, b,
            from + static_cast<std::int64_t>(o0 + j) * s.from_h * s.from_w * s.inner + i0 + column);
    __syncthreads();
    for (int j = threadIdx.y; j < tile; j += tile_rows)
      if (i0 + j < s.inner && o0 + column < s.outer)
        to[(static_cast<std::int64_t>(i0 + j) * s.to_h * s.to_w + place) * s.outer + o0 + column] =
            shared.values[column][j];
    __syncthreads();
  }
}

void turn(Stream& stream, const TurnedSums& s, const float* from, float* to) {
  const auto tiles = [](int extent) { return static_cast<unsigned>(ceil_div(extent, tile)); };
  const unsigned places = static_cast<unsigned>(s.to_h * s.to_w);
  launch(stream, dim3(tiles(s.outer), tiles(s.inner), places < 64u ? places : 64u),
         dim3(tile, tile_rows), sizeof(TurnShared), turn_kernel, s, from, to);
}

}  // namespace

void upsampling_weights(Stream& stream, const UpsamplingWeightsShape& s, const float* w, float* v) {
  turn(stream, turned_sums(s), w, v);
}

void upsampling_weights_grad(Stream& stream, const UpsamplingWeightsShape& s, const float* gv,
                             float* gw) {
  turn(stream, turned_sums_grad(s), gv, gw);
}

}  // namespace ganymede::kernels::cuda
