#pragma once
// Batch norm over rows of a (rows x channels) matrix, or of several side by side; layer norm over
// each sample.

#include <cstdint>
#include <span>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

/// x and y are rows x channels, rows = batch * height * width. The activation is applied after the
/// normalisation: y = activation(gamma (x - mean) inv_std + beta + addend). gamma, beta and addend
/// may be null (1, 0, 0); addend has the extents of x (a residual block's shortcut).
struct BatchNormShape {
  std::int64_t rows, channels;
  float epsilon = 1e-3f;
  Activation activation = Activation::none;  ///< none or leaky_relu
  float slope = 0.0f;
};

/// Averages over batches, [channels], moved along by the forward pass:
///   mean = momentum mean + (1 - momentum) batch mean, and the variance likewise with the batch's
/// variance times `correction` (rows / (rows - 1) makes it the unbiased one). Null: none.
struct MovingStatistics {
  float* mean = nullptr;
  float* variance = nullptr;
  float momentum = 0.99f;
  float correction = 1.0f;
};

/// Channel c of them by one batch; both devices compile it.
GANYMEDE_HD void move_statistics(const MovingStatistics& m, std::int64_t c, float batch_mean,
                                 float batch_variance) {
  m.mean[c] = m.momentum * m.mean[c] + (1.0f - m.momentum) * batch_mean;
  m.variance[c] = m.momentum * m.variance[c] + (1.0f - m.momentum) * m.correction * batch_variance;
}

/// mean and variance (biased) per channel are outputs; inv_std = 1/sqrt(variance + epsilon).
using BatchNorm = void(Stream&, const BatchNormShape&, const float* x, const float* gamma,
                       const float* beta, const float* addend, float* y, float* mean,
                       float* variance, const MovingStatistics&);
/// Gradients of the training-mode forward without an addend for gy, from x and the saved
/// statistics; the mask of the activation is recomputed from x. gx, ggamma and gbeta may be null
/// where nobody wants them.
using BatchNormGrad = void(Stream&, const BatchNormShape&, const float* x, const float* gamma,
                           const float* beta, const float* mean, const float* variance,
                           const float* gy, float* gx, float* ggamma, float* gbeta);
/// y with given mean and variance (moving statistics).
using BatchNormInference = void(Stream&, const BatchNormShape&, const float* x, const float* gamma,
                                const float* beta, const float* addend, const float* mean,
                                const float* variance, float* y);

// ---- of several matrices side by side along the channels -------------------------------------
// What the layers of a dense block read. No matrix of all channels is made, and a map's statistics
// are found once, not once for each layer that reads it.

/// One of the matrices, rows x channels and dense, with the statistics of its columns.
struct NormPiece {
  const float* x;
  std::int64_t channels;
  const float *mean, *variance;  ///< [channels]
  float* gx = nullptr;           ///< of gradients alone; null where nobody wants it
};
using NormPieces = std::span<const NormPiece>;  ///< 1 to most_norm_pieces
inline constexpr std::size_t most_norm_pieces = 64;

/// mean and biased variance [channels] over the rows of a dense rows x channels matrix.
using ChannelStatistics = void(Stream&, std::int64_t rows, std::int64_t channels, const float* x,
                               float* mean, float* variance);
/// y (rows x all channels) = activation(gamma (x - mean) inv_std + beta), gamma and beta (null: 1,
/// 0) and the shape's channels over all pieces. The moving averages, where given, move by the
/// pieces' statistics.
using JoinedBatchNorm = void(Stream&, const BatchNormShape&, NormPieces, const float* gamma,
                             const float* beta, float* y, const MovingStatistics&);
/// Gradients where the statistics are the rows' own, into the pieces' gx and, where not null,
/// ggamma and gbeta; the mask of the activation is recomputed from x.
using JoinedBatchNormGrad = void(Stream&, const BatchNormShape&, NormPieces, const float* gamma,
                                 const float* beta, const float* gy, float* ggamma, float* gbeta);

// ---- of each sample ----------------------------------------------------------------------------

/// Each of `rows` samples of `width` elements is normalised over all its elements; gamma and beta
/// are per channel: element j uses gamma[j % channels]. mean and inv_std [rows] are outputs.
struct LayerNormShape {
  std::int64_t rows, width, channels;
  float epsilon = 1e-3f;
};
using LayerNorm = void(Stream&, const LayerNormShape&, const float* x, const float* gamma,
                       const float* beta, float* y, float* mean, float* inv_std);
using LayerNormGrad = void(Stream&, const LayerNormShape&, const float* x, const float* gamma,
                           const float* mean, const float* inv_std, const float* gy, float* gx,
                           float* ggamma, float* gbeta);

namespace cpu {
BatchNorm batch_norm;
BatchNormGrad batch_norm_grad;
BatchNormInference batch_norm_inference;
ChannelStatistics channel_statistics;
JoinedBatchNorm joined_batch_norm;
JoinedBatchNormGrad joined_batch_norm_grad;
LayerNorm layer_norm;
LayerNormGrad layer_norm_grad;
}  // namespace cpu
namespace cuda {
BatchNorm batch_norm;
BatchNormGrad batch_norm_grad;
BatchNormInference batch_norm_inference;
ChannelStatistics channel_statistics;
JoinedBatchNorm joined_batch_norm;
JoinedBatchNormGrad joined_batch_norm_grad;
LayerNorm layer_norm;
LayerNormGrad layer_norm_grad;
}  // namespace cuda

inline constexpr Kernel<BatchNorm, cpu::batch_norm, cuda::batch_norm> batch_norm;
inline constexpr Kernel<BatchNormGrad, cpu::batch_norm_grad, cuda::batch_norm_grad> batch_norm_grad;
inline constexpr Kernel<BatchNormInference, cpu::batch_norm_inference, cuda::batch_norm_inference>
    batch_norm_inference;
inline constexpr Kernel<ChannelStatistics, cpu::channel_statistics, cuda::channel_statistics>
    channel_statistics;
inline constexpr Kernel<JoinedBatchNorm, cpu::joined_batch_norm, cuda::joined_batch_norm>
    joined_batch_norm;
inline constexpr Kernel<JoinedBatchNormGrad, cpu::joined_batch_norm_grad,
                        cuda::joined_batch_norm_grad>
    joined_batch_norm_grad;
inline constexpr Kernel<LayerNorm, cpu::layer_norm, cuda::layer_norm> layer_norm;
inline constexpr Kernel<LayerNormGrad, cpu::layer_norm_grad, cuda::layer_norm_grad> layer_norm_grad;

}  // namespace ganymede::kernels
