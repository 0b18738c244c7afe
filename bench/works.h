#pragma once
// One thing to be timed: an op at a shape, with its arithmetic, its traffic and its operands.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/stream.h>

#include "shapes.h"

namespace ganymede::bench {

struct Work {
  std::string op, layer, shape;
  double flops = 0;  ///< 0 where the op is bound by memory and its arithmetic says nothing
  double bytes = 0;  ///< every operand once
  std::vector<std::int64_t> buffers;  ///< elements (f32) of each operand
  std::function<void(Stream&, const std::vector<float*>&)> run;
  /// Once, untimed, after the operands were filled with normal draws; may be empty.
  std::function<void(Stream&, const std::vector<float*>&)> prepare{};
  std::optional<kernels::ContractionShape> contraction{};  ///< where it is one
  int count = 1;                                           ///< layers of the network that have it
};

/// The three contractions of a convolution or transposed convolution.
struct ConvWorks {
  Work forward, input_grad, weight_grad;
};
ConvWorks conv_works(const BenchShape& layer);

/// What --filter searches: op, layer and shape.
std::string text_of(const Work& work);

/// Texts of which each work has exactly one: its network (" retina-wgan64/G/"), or its layer where
/// that is of none (" frechet ").
std::vector<std::string> parts_of(const std::vector<Work>& works);

/// Attention and SSIM, forward and gradients, at the shapes of paper 002's GAN.
std::vector<Work> iagan_works(int batch);

/// Batch norm of maps side by side, and its gradient.
std::vector<Work> joined_norm_works(const BenchShape& layer);

/// A step of the polar iteration of a Frechet distance.
std::vector<Work> frechet_works();

/// Forward and gradients of each layer, of attention and SSIM; then products in double, an
/// optimiser step and a copy.
std::vector<Work> works(int batch);

/// Only what is a contraction of a layer; a batch of 0 is each network's own.
std::vector<Work> contractions(int batch);

/// The ceilings that results are compared with: a large product and a large copy.
Work large_product(std::int64_t extent);
Work large_copy(std::int64_t elements);

}  // namespace ganymede::bench
