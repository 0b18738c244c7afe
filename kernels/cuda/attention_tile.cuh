#pragma once
// A 64 x 64 tile of attention scores in the registers of 16 x 16 threads, 4 x 4 each: products of
// rows through chunks of 16 features in shared memory, and the sums that the tile weights.

#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda::attention_tile {

inline constexpr int tile = 64, chunk = 16, side = 16, per = 4, threads = side * side;

struct Shared {
  // The pitches keep the accesses of a warp in different banks.
  float a[tile][chunk + 1], b[tile][chunk + 1];
  float weights[tile][tile + 4];
  float values[tile][tile];
};

/// Rows of one sample, dense.
struct Rows {
  const float* data;
  int count, width;
  __device__ float at(int row, int column) const {
    return row < count && column < width
               ? __ldg(data + static_cast<std::int64_t>(row) * width + column)
               : 0.0f;
  }
};
__device__ inline Rows rows_of(const float* data, int batch, int count, int width) {
  return {data + static_cast<std::int64_t>(batch) * count * width, count, width};
}

/// A thread's place: rows 4 y .. 4 y + 3 of the tile, columns x, x + 16, x + 32, x + 48.
struct Place {
  int x, y;
  __device__ static Place here() {
    const int t = static_cast<int>(threadIdx.x);
    return {t % side, t / side};
  }
  __device__ int row(int i) const { return y * per + i; }
  __device__ int column(int j) const { return x + side * j; }
};

using Square = float[per][per];

template <int Columns>
__device__ inline void clear(float (&s)[per][Columns]) {
#pragma unroll
  for (int i = 0; i < per; ++i)
#pragma unroll
    for (int j = 0; j < Columns; ++j) s[i][j] = 0.0f;
}

__device__ inline void load_chunk(float (&to)[tile][chunk + 1], const Rows& from, int first_row,
                                  int first) {
  for (int e = static_cast<int>(threadIdx.x); e < tile * chunk; e += threads)
    to[e / chunk][e % chunk] = from.at(first_row + e / chunk, first + e % chunk);
}

/// s[i][j] = <a_row(i), b_column(j)>. Begins with a barrier: what was in shared memory may go.
__device__ inline void products(Shared& shared, const Rows& a, int a_row, const Rows& b, int b_row,
                                const Place& me, Square& s) {
  clear(s);
  for (int first = 0; first < a.width; first += chunk) {
    __syncthreads();
    load_chunk(shared.a, a, a_row, first);
    load_chunk(shared.b, b, b_row, first);
    __syncthreads();
#pragma unroll
    for (int d = 0; d < chunk; ++d) {
      float right[per];
#pragma unroll
      for (int j = 0; j < per; ++j) right[j] = shared.b[me.column(j)][d];
#pragma unroll
      for (int i = 0; i < per; ++i)
#pragma unroll
        for (int j = 0; j < per; ++j) s[i][j] += shared.a[me.row(i)][d] * right[j];
    }
  }
}

/// out[i][c] += sum over the tile of weights[i][j] values_j[first + column(c)], `side` x Columns
/// columns of the values.
template <int Columns>
__device__ inline void add_weighted(Shared& shared, const Square& weights, const Rows& values,
                                    int row, int first, const Place& me,
                                    float (&out)[per][Columns]) {
  constexpr int width = side * Columns;
#pragma unroll
  for (int i = 0; i < per; ++i)
#pragma unroll
    for (int j = 0; j < per; ++j) shared.weights[me.row(i)][me.column(j)] = weights[i][j];
  for (int e = static_cast<int>(threadIdx.x); e < tile * width; e += threads)
    shared.values[e / width][e % width] = values.at(row + e / width, first + e % width);
  __syncthreads();
#pragma unroll 8
  for (int j = 0; j < tile; ++j) {
    float right[Columns];
#pragma unroll
    for (int c = 0; c < Columns; ++c) right[c] = shared.values[j][me.column(c)];
#pragma unroll
    for (int i = 0; i < per; ++i)
#pragma unroll
      for (int c = 0; c < Columns; ++c) out[i][c] += shared.weights[me.row(i)][j] * right[c];
  }
}

/// Maximum or sum over the 16 threads that share rows; all of them get it.
__device__ inline float row_max(float value) {
#pragma unroll
  for (int step = side / 2; step > 0; step /= 2) {
    const float other = __shfl_xor_sync(full_warp, value, step);
    value = value < other ? other : value;
  }
  return value;
}
__device__ inline float row_sum(float value) {
#pragma unroll
  for (int step = side / 2; step > 0; step /= 2) value += __shfl_xor_sync(full_warp, value, step);
  return value;
}

}  // namespace ganymede::kernels::cuda::attention_tile
