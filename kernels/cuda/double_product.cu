// Products in double on the tensor cores (16 x 8 x 4 at a time):
//
//   c[row, col] = alpha sum over k of a[row, k] b[col, k] + beta d[row, col]
//
// A block owns a square tile of c and walks along k in slices of 8, of which `stages` are under way
// from global to shared memory (cp.async of 8 bytes: any extent, any alignment). A warp owns 32 x
// 32 elements as 2 x 4 fragments of 16 x 8: per 4 of k eight reads of shared memory, half of what
// its bandwidth allows at the tensor cores' full rate. Operands lie along k in memory, or across it
// (`Across`: element (row, k) at k * extent + row); in shared memory they lie as they came, with
// bits of one index exclusive-ored into the other so that neither the copies nor the reads of
// fragments meet in a bank.
//
// Gram matrices: tiles above the diagonal are left out, and the others are written twice.

#include <ganymede/kernels/moments.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/launch.cuh>
#include <ganymede/kernels/cuda/primitives.cuh>
#include <ganymede/kernels/cuda/primitives_products.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr int depth = 8, stages = 4;
constexpr int warp_side = 32, rows = warp_side / 16, columns = warp_side / 8;  // in fragments

constexpr int threads_of(int side) { return side / warp_side * (side / warp_side) * 32; }

template <int Side>
struct Shared {
  double a[stages][Side * depth], b[stages][Side * depth];
};

struct Matrix {
  const double* data;
  int extent;  ///< rows of the product, whichever way they lie
};

struct Args {
  Matrix a, b;
  int depth;
  double alpha, beta;
  const double* d;
  double* c;
};

/// Where element (row, k) of a slice is in shared memory.
template <int Side, bool Across>
__device__ int place(int row, int k) {
  return Across ? k * Side + (row ^ (k & 3) << 2) : row * depth + (k ^ (row & 2) << 1);
}

/// Starts this thread's copies of the slice at k0; zeros outside the matrix.
template <int Side, bool Across>
__device__ void load(const Matrix& from, int row0, int k0, int all_k, double* to) {
  constexpr int threads = threads_of(Side);
#pragma unroll
  for (int i = 0; i < Side * depth / threads; ++i) {
    const int u = static_cast<int>(threadIdx.x) + i * threads;
    const int row = Across ? u % Side : u / depth, k = Across ? u / Side : u % depth;
    const bool inside = row0 + row < from.extent && k0 + k < all_k;
    const std::int64_t at = Across ? static_cast<std::int64_t>(k0 + k) * from.extent + (row0 + row)
                                   : static_cast<std::int64_t>(row0 + row) * all_k + (k0 + k);
    async_copy8(to + place<Side, Across>(row, k), from.data + (inside ? at : 0), inside);
  }
}

using Sums = double[rows][columns][4];

/// sums += the slice's product, of the warp whose first row and column these are.
template <int Side, bool Across>
__device__ void multiply_slice(const double* a, const double* b, int row, int col, Sums& sums) {
  const int lane = lane_index(), of_row = lane >> 2, of_k = lane & 3;
#pragma unroll
  for (int k = 0; k < depth; k += 4) {
    double left[rows][2], right[columns];
#pragma unroll
    for (int i = 0; i < 2 * rows; ++i)
      left[i / 2][i % 2] = a[place<Side, Across>(row + 8 * i + of_row, k + of_k)];
#pragma unroll
    for (int j = 0; j < columns; ++j)
      right[j] = b[place<Side, Across>(col + 8 * j + of_row, k + of_k)];
#pragma unroll
    for (int i = 0; i < rows; ++i)
#pragma unroll
      for (int j = 0; j < columns; ++j) mma_f64(sums[i][j], left[i], right[j]);
  }
}

template <bool Symmetric>
__device__ void store(const Args& args, int row, int col, double sum) {
  if (row >= args.a.extent || col >= args.b.extent) return;
  const std::int64_t at = static_cast<std::int64_t>(row) * args.b.extent + col;
  double value = args.alpha * sum;
  if (args.d) value += args.beta * args.d[at];
  if constexpr (Symmetric) {
    if (col > row) return;
    args.c[static_cast<std::int64_t>(col) * args.b.extent + row] = value;
  }
  args.c[at] = value;
}

template <int Side, bool Across, bool Symmetric>
__global__ void __launch_bounds__(threads_of(Side), Side == 64 ? 3 : 1) multiply(Args args) {
  if (Symmetric && blockIdx.x > blockIdx.y) return;  // the whole block
  Shared<Side>& shared = shared_memory<Shared<Side>>();
  const int row0 = static_cast<int>(blockIdx.y) * Side, col0 = static_cast<int>(blockIdx.x) * Side;
  const int row = warp_index() / (Side / warp_side) * warp_side,
            col = warp_index() % (Side / warp_side) * warp_side;
  const int slices = ceil_div(args.depth, depth);
  const auto start = [&](int s) {
    if (s < slices) {
      load<Side, Across>(args.a, row0, s * depth, args.depth, shared.a[s % stages]);
      load<Side, Across>(args.b, col0, s * depth, args.depth, shared.b[s % stages]);
    }
    async_commit();  // an empty group too: the wait below counts groups
  };
#pragma unroll
  for (int s = 0; s < stages - 1; ++s) start(s);

  Sums sums = {};
#pragma unroll 1
  for (int s = 0; s < slices; ++s) {
    async_wait<stages - 2>();
    __syncthreads();  // slice s is there for all, and nobody reads slice s - 1 any more
    start(s + stages - 1);
    multiply_slice<Side, Across>(shared.a[s % stages], shared.b[s % stages], row, col, sums);
  }

  const int lane = lane_index();
#pragma unroll
  for (int i = 0; i < rows; ++i)
#pragma unroll
    for (int j = 0; j < columns; ++j)
#pragma unroll
      for (int v = 0; v < 4; ++v)
        store<Symmetric>(args, row0 + row + 16 * i + 8 * (v / 2) + (lane >> 2),
                         col0 + col + 8 * j + 2 * (lane & 3) + v % 2, sums[i][j][v]);
}

template <int Side, bool Across, bool Symmetric>
void run(Stream& stream, const Args& args) {
  const dim3 grid(static_cast<unsigned>(ceil_div(args.b.extent, Side)),
                  static_cast<unsigned>(ceil_div(args.a.extent, Side)));
  launch(stream, grid, threads_of(Side), sizeof(Shared<Side>), multiply<Side, Across, Symmetric>,
         args);
}

/// Tiles that a multiprocessor has to make, one after the other.
std::int64_t rounds(const Args& args, int side, bool symmetric, int multiprocessors) {
  const std::int64_t down = ceil_div(args.a.extent, side), across = ceil_div(args.b.extent, side);
  const std::int64_t tiles = symmetric ? down * (down + 1) / 2 : down * across;
  return ceil_div<std::int64_t>(tiles, multiprocessors);
}

/// A large tile is four small ones, and reads half as much for them: small ones are bound by the
/// second-level cache and take about 1.4 times as long, but there are more of them to go around.
template <bool Across, bool Symmetric>
void run(Stream& stream, const Args& args) {
  constexpr double small_cost = 1.4, large_cost = 4.0;
  const int processors = multiprocessors(stream);
  const auto cost = [&](int side, double of_one) {
    return of_one * static_cast<double>(rounds(args, side, Symmetric, processors));
  };
  const bool large = cost(128, large_cost) <= cost(64, small_cost);
  const auto with = large ? run<128, Across, Symmetric> : run<64, Across, Symmetric>;
  with(stream, args);
}

}  // namespace

void multiply_doubles(Stream& stream, const DoubleProduct& s, const double* a, const double* b,
                      const double* d, double* c) {
  if (s.m <= 0 || s.n <= 0) return;
  const int m = checked_extent(s.m, "multiply_doubles"),
            n = checked_extent(s.n, "multiply_doubles"),
            k = checked_extent(s.k, "multiply_doubles");
  const Args args{{a, m}, {b, n}, k, s.alpha, s.beta, s.beta != 0.0 ? d : nullptr, c};
  s.transposed ? run<true, false>(stream, args) : run<false, false>(stream, args);
}

void gram(Stream& stream, std::int64_t rows, std::int64_t columns, const double* x, double* y) {
  if (columns <= 0) return;
  const int n = checked_extent(columns, "gram"), k = checked_extent(rows, "gram");
  run<true, true>(stream, {{x, n}, {x, n}, k, 1.0, 0.0, nullptr, y});
}

}  // namespace ganymede::kernels::cuda
