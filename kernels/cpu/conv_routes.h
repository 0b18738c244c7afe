#pragma once
// The ways to compute a convolution's three contractions on the CPU. All take dense NHWC operands
// that are prepared (operand.h); all write every element of their result.

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/plan.h>

namespace ganymede::kernels::cpu {

/// What a route applies to its output on the way to memory: y = leaky_relu(y + bias, slope). A
/// slope of 1 is no activation.
struct Fused {
  const float* bias = nullptr;
  float slope = 1.0f;
  bool nothing() const { return !bias && slope == 1.0f; }
};

/// The way that a contraction of a convolution takes.
enum class Route : std::uint8_t { thin, winograd, product, direct };
Route route_of(Contraction contraction, const ConvShape& shape);

/// The same for a person; on streams with own kernels the shape alone decides.
Explanation explain(const ContractionShape& shape);

using ForwardRoute = void(Stream&, const ConvShape&, const float* x, const float* w, float* y,
                          const Fused&);
using InputGradRoute = void(Stream&, const ConvShape&, const float* gy, const float* w, float* gx,
                            const Fused&);
using WeightGradRoute = void(Stream&, const ConvShape&, const float* x, const float* gy, float* gw);

/// The direct sum by this build's best means: oneDNN, or the register tiles.
namespace direct {
ForwardRoute forward;
InputGradRoute input_grad;
WeightGradRoute weight_grad;
}  // namespace direct

/// The direct sum by own register tiles; any shape.
namespace tiled {
ForwardRoute forward;
InputGradRoute input_grad;
WeightGradRoute weight_grad;
}  // namespace tiled

/// One side has few channels (images, single-channel outputs): matrix products with all taps of the
/// thin side as columns.
namespace thin {
bool fits_channels(const ConvShape& shape);  ///< x is the thin side
bool fits_filters(const ConvShape& shape);   ///< y is the thin side
ForwardRoute forward;                        ///< fits_filters
InputGradRoute input_grad;                   ///< fits_channels
WeightGradRoute weight_grad;                 ///< either
}  // namespace thin

/// Minimal filtering: fewer multiplications for windows of 3x3 and 5x5, stride 1, and of 4x4 to
/// 6x6, stride 2.
namespace winograd {
bool fits(Contraction contraction, const ConvShape& shape);
ForwardRoute forward;
InputGradRoute input_grad;
WeightGradRoute weight_grad;
}  // namespace winograd

/// A window of one pixel: the build's matrix product. oneDNN's convolution is as fast forward, but
/// its weight gradient takes up to twice as long.
namespace pointwise {
bool fits(const ConvShape& shape);
InputGradRoute input_grad;
WeightGradRoute weight_grad;
}  // namespace pointwise

}  // namespace ganymede::kernels::cpu
