// Batch norm of feature maps side by side, norm.cu's formulas: sums by folds, all else a thread per
// column over many rows. The feature maps are the third axis of the grid (the outer one of the
// fold), so that all of them are one launch.

#include <algorithm>

#include <ganymede/kernels/cuda/fold.cuh>
#include <ganymede/kernels/cuda/norm.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;
// Rows that a thread reads before it writes the first, which might be one of them.
constexpr int in_flight = 4;

/// The maps as a kernel's parameter.
struct Pieces {
  NormPiece of[most_norm_pieces];
  std::int64_t first_channel[most_norm_pieces];
  int count = 0;
  std::int64_t widest = 0;

  explicit Pieces(NormPieces pieces) : count(static_cast<int>(pieces.size())) {
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      of[i] = pieces[i];
      first_channel[i] = channel;
      channel += pieces[i].channels;
      widest = std::max(widest, pieces[i].channels);
    }
  }
};

struct JoinedArgs {
  BatchNormShape s;
  Pieces pieces;
  const float *gamma, *beta;

  /// Column c of a map.
  __device__ Channel channel(const NormPiece& piece, std::int64_t first, std::int64_t c) const {
    return channel_of(s, gamma ? gamma + first : nullptr, beta ? beta + first : nullptr, piece.mean,
                      piece.variance, c);
  }
};
// Beside it a fold has its shape and a few pointers: 4 KiB are what every device takes.
static_assert(sizeof(JoinedArgs) <= 3800);

/// How the maps' rows are cut: a block has `lanes` threads along the channels times rows.
struct JoinedCut {
  int lanes;
  dim3 grid;
};
JoinedCut cut_rows(const BatchNormShape& s, const Pieces& pieces) {
  // A warp for each row of a DenseNet's maps: more lanes would idle at all but the first.
  constexpr std::int64_t most_lanes = 32, rows_of_thread = 8, wanted_blocks = 4096;
  const std::int64_t groups = ceil_div(pieces.widest, most_lanes),
                     lanes = ceil_div(pieces.widest, groups);
  const std::int64_t rows = threads / lanes * rows_of_thread;
  const std::int64_t blocks = std::clamp<std::int64_t>(
      ceil_div(s.rows, rows), 1, std::max<std::int64_t>(1, wanted_blocks / groups));
  return {static_cast<int>(lanes),
          dim3(static_cast<unsigned>(groups), static_cast<unsigned>(blocks),
               static_cast<unsigned>(pieces.count))};
}

/// A thread's column of its map, and its rows: first, first + step, ... < end.
struct JoinedPlace {
  std::int64_t column, first, step, end;
  __device__ JoinedPlace(const BatchNormShape& s, const NormPiece& piece, int lanes) {
    const int lane = static_cast<int>(threadIdx.x) % lanes,
              positions = static_cast<int>(threads) / lanes,
              position = static_cast<int>(threadIdx.x) / lanes;
    column = static_cast<std::int64_t>(blockIdx.x) * lanes + lane;
    first = static_cast<std::int64_t>(blockIdx.y) * positions + position;
    step = static_cast<std::int64_t>(gridDim.y) * positions;
    end = position < positions && column < piece.channels ? s.rows : 0;
  }
};

__global__ void __launch_bounds__(threads)
    joined_norm_map(const __grid_constant__ JoinedArgs a, int lanes, float* y,
                    MovingStatistics moving) {
  const NormPiece& piece = a.pieces.of[blockIdx.z];
  const JoinedPlace at(a.s, piece, lanes);
  if (at.first >= at.end) return;
  const std::int64_t first = a.pieces.first_channel[blockIdx.z], to = first + at.column;
  const Channel c = a.channel(piece, first, at.column);
  if (at.first == 0 && moving.mean) move_statistics(moving, to, c.mean, piece.variance[at.column]);
  for (std::int64_t row = at.first; row < at.end; row += in_flight * at.step) {
    float x[in_flight];
#pragma unroll
    for (int j = 0; j < in_flight; ++j)
      if (const std::int64_t r = row + j * at.step; r < at.end)
        x[j] = piece.x[r * piece.channels + at.column];
#pragma unroll
    for (int j = 0; j < in_flight; ++j)
      if (const std::int64_t r = row + j * at.step; r < at.end) {
        const float pre = (x[j] - c.mean) * (c.gamma * c.inv_std) + c.beta;
        y[r * a.s.channels + to] = functor::activate(pre, a.s.activation, a.s.slope);
      }
  }
}

/// ggamma = sum gy' xhat, gbeta = sum gy'; the outputs' outer index is the map, the kept one its
/// column.
struct JoinedGradSums : GradSumsOp {
  // Two dozen maps of 32 channels are read by every multiprocessor, not by a cluster for each.
  static constexpr std::int64_t most_per_thread = 32;
  JoinedArgs a;
  const float* gy;
  float *ggamma, *gbeta;
  __device__ bool exists(std::int64_t o, std::int64_t k) const {
    return k < a.pieces.of[o].channels;
  }
  __device__ void add(State& s, std::int64_t o, std::int64_t k, std::int64_t r) const {
    const NormPiece& piece = a.pieces.of[o];
    const std::int64_t first = a.pieces.first_channel[o];
    const Channel c = a.channel(piece, first, k);
    const float xhat = (piece.x[r * piece.channels + k] - c.mean) * c.inv_std,
                g = masked(a.s, c, xhat, gy[r * a.s.channels + first + k]);
    s.gy += g;
    s.gy_xhat += g * xhat;
  }
  __device__ void finish(std::int64_t o, std::int64_t k, const State& s) const {
    if (!exists(o, k)) return;
    ggamma[a.pieces.first_channel[o] + k] = s.gy_xhat;
    gbeta[a.pieces.first_channel[o] + k] = s.gy;
  }
};

/// gx = gamma inv_std (gy' - gbeta / rows - xhat ggamma / rows)
__global__ void __launch_bounds__(threads)
    joined_norm_grad_map(const __grid_constant__ JoinedArgs a, int lanes, const float* gy,
                         const float* ggamma, const float* gbeta) {
  const NormPiece& piece = a.pieces.of[blockIdx.z];
  const JoinedPlace at(a.s, piece, lanes);
  if (at.first >= at.end || !piece.gx) return;
  const std::int64_t first = a.pieces.first_channel[blockIdx.z], from = first + at.column;
  const Channel c = a.channel(piece, first, at.column);
  const float share = 1.0f / static_cast<float>(a.s.rows), of_xhat = ggamma[from] * share,
              of_all = gbeta[from] * share;
  for (std::int64_t row = at.first; row < at.end; row += in_flight * at.step) {
    float x[in_flight], gradient[in_flight];
#pragma unroll
    for (int j = 0; j < in_flight; ++j)
      if (const std::int64_t r = row + j * at.step; r < at.end) {
        x[j] = piece.x[r * piece.channels + at.column];
        gradient[j] = gy[r * a.s.channels + from];
      }
#pragma unroll
    for (int j = 0; j < in_flight; ++j)
      if (const std::int64_t r = row + j * at.step; r < at.end) {
        const float xhat = (x[j] - c.mean) * c.inv_std, g = masked(a.s, c, xhat, gradient[j]);
        piece.gx[r * piece.channels + at.column] =
            c.gamma * c.inv_std * (g - of_all - xhat * of_xhat);
      }
  }
}

}  // namespace

void channel_statistics(Stream& stream, std::int64_t rows, std::int64_t channels, const float* x,
                        float* mean, float* variance) {
  column_moments(stream, rows, channels, channels, x, mean, variance);
}

void joined_batch_norm(Stream& stream, const BatchNormShape& s, NormPieces pieces,
                       const float* gamma, const float* beta, float* y,
                       const MovingStatistics& moving) {
  if (s.rows < 1 || s.channels < 1) return;
  const JoinedArgs args{s, Pieces(pieces), gamma, beta};
  const JoinedCut cut = cut_rows(s, args.pieces);
  launch(stream, cut.grid, threads, 0, joined_norm_map, args, cut.lanes, y, moving);
}

void joined_batch_norm_grad(Stream& stream, const BatchNormShape& s, NormPieces pieces,
                            const float* gamma, const float* beta, const float* gy, float* ggamma,
                            float* gbeta) {
  if (s.channels < 1) return;
  const JoinedArgs args{s, Pieces(pieces), gamma, beta};
  const GradSumsTarget sums(stream, s.channels, ggamma, gbeta);
  fold(stream, {args.pieces.count, args.pieces.widest, s.rows, FoldLayout::columns, s.channels},
       JoinedGradSums{{}, args, gy, sums.ggamma, sums.gbeta});
  const auto wanted = [](const NormPiece& piece) { return piece.gx != nullptr; };
  if (s.rows < 1 || std::ranges::none_of(pieces, wanted)) return;
  const JoinedCut cut = cut_rows(s, args.pieces);
  launch(stream, cut.grid, threads, 0, joined_norm_grad_map, args, cut.lanes, gy, sums.ggamma,
         sums.gbeta);
}

}  // namespace ganymede::kernels::cuda
