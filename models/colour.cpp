#include <ganymede/models/colour.h>

#include <string>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

/// One factor per image, repeated over `shape`.
Var per_image(const std::vector<float>& factors, const Shape& shape) {
  if (std::int64_t(factors.size()) != shape[0])
    throw ShapeError("recolour: " + std::to_string(factors.size()) + " factors for " +
                     std::to_string(shape[0]) + " images");
  return expand(Var(Tensor::from(factors, {shape[0], 1, 1, 1})), shape);
}

/// other + f (x - other), clamped to [0, 1].
Var blend(const Var& x, const Var& other, const std::vector<float>& factors) {
  return clamp(add(other, mul(per_image(factors, x.shape()), sub(x, other))), 0.0f, 1.0f);
}

/// N x H x W x 1: ITU-R 601 luma of three channels; one channel is grey already.
Var grey_of(const Var& x) {
  const Shape& s = x.shape();
  if (s[3] == 1) return x;
  const Tensor luma = Tensor::from(std::vector<float>{0.299f, 0.587f, 0.114f}, {1, 1, 1, 3});
  return sum_to(mul(x, expand(Var(luma), s)), {s[0], s[1], s[2], 1});
}

/// N x 1 x 1 x 1
Var mean_of(const Var& grey) {
  const Shape& s = grey.shape();
  return sum_to(grey, {s[0], 1, 1, 1}, 1.0f / static_cast<float>(s[1] * s[2]));
}

/// Three channels or one, in [0, 1].
Var recoloured(Var x, const ColourFactors& f) {
  const Shape s = x.shape();
  if (!f.brightness.empty()) x = clamp(mul(x, per_image(f.brightness, s)), 0.0f, 1.0f);
  if (!f.contrast.empty()) x = blend(x, expand(mean_of(grey_of(x)), s), f.contrast);
  if (!f.saturation.empty() && s[3] == 3) x = blend(x, expand(grey_of(x), s), f.saturation);
  return x;
}

}  // namespace

Tensor recolour(const Tensor& images, const ColourFactors& factors) {
  const Recording off(false);
  const std::int64_t channels = images.shape()[3];
  const bool alpha = channels == 2 || channels == 4;
  const Var colours = alpha ? slice_channels(Var(images), 0, channels - 1) : Var(images);
  const Var y = affine(recoloured(affine(colours, 0.5f, 0.5f), factors), 2.0f, -1.0f);
  if (!alpha) return y.value();
  return concat({y, slice_channels(Var(images), channels - 1, channels)}).value();
}

}  // namespace ganymede
