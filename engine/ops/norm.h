#pragma once

#include <vector>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/var.h>

namespace ganymede {

/// Averages over batches, [channels] each; see kernels::MovingStatistics.
struct MovingAverages {
  Tensor mean, variance;
  float momentum = 0.99f;
  bool unbiased = false;  ///< of the variance: by rows - 1
};

struct BatchNormResult {
  Var y;
  Tensor mean, variance;  ///< [channels], of this batch; variance is biased
};
/// activation(gamma (x - mean) / sqrt(variance + epsilon) + beta) over all axes but the last, with
/// the batch's own statistics (Ioffe & Szegedy 2015). Fused forward and backward; any order of
/// derivative. activation: none or leaky_relu. `moving`, where given, is moved along by this batch,
/// outside of what is differentiated. `addend`, where given, has x's extents and is added before
/// the activation: the end of a residual block in one pass.
BatchNormResult batch_norm(const Var& x, const Var& gamma, const Var& beta, float epsilon,
                           Activation activation = Activation::none, float slope = 0.0f,
                           MovingAverages* moving = nullptr, const Var& addend = {});
/// The same with given statistics.
Var batch_norm_inference(const Var& x, const Var& gamma, const Var& beta, const Tensor& mean,
                         const Tensor& variance, float epsilon,
                         Activation activation = Activation::none, float slope = 0.0f,
                         const Var& addend = {});

/// A map and the statistics of its channels, as batch norm wants them.
struct JoinedMap {
  Var x;
  Tensor mean, variance;  ///< [channels], of this batch; variance is biased
};
/// Finds the statistics, once for all norms that read the map.
JoinedMap with_statistics(const Var& x);
/// batch_norm of the maps' concatenation along the last axis, which is not made: what the layers of
/// a dense block read (Huang et al. 2017). 1 to 64 maps; gamma, beta and the moving averages are
/// over all channels. Any order of derivative.
Var joined_batch_norm(const std::vector<JoinedMap>& maps, const Var& gamma, const Var& beta,
                      float epsilon, Activation activation = Activation::none, float slope = 0.0f,
                      MovingAverages* moving = nullptr);
/// batch_norm_inference likewise, with given statistics over all channels. The concatenation is
/// made where the result is recorded to be differentiated.
Var joined_batch_norm_inference(const Vars& maps, const Var& gamma, const Var& beta,
                                const Tensor& mean, const Tensor& variance, float epsilon,
                                Activation activation = Activation::none, float slope = 0.0f);

/// Normalises each sample over all its elements, height, width and channels together (Ba et al.
/// 2016); gamma and beta are per channel of the last axis, either may be empty. It stands where
/// batch norm would in a critic with a gradient penalty (Gulrajani et al. 2017). Any order of
/// derivative. All norms here throw ShapeError for an input of fewer than two axes or without
/// elements, and for vectors that are not of its channels.
Var layer_norm(const Var& x, const Var& gamma, const Var& beta, float epsilon);

}  // namespace ganymede
