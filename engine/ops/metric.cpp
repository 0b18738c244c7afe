#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/composite.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/metric.h>

namespace ganymede {
namespace {

using kernels::SsimShape;

SsimShape ssim_shape(const Var& x, const Var& z, float range) {
  ops::require_rank("ssim", x.shape(), 4, "N x H x W x C");
  ops::require_same("ssim", x, z);
  const Shape& full = x.shape();
  if (full[1] < SsimShape::window || full[2] < SsimShape::window || full.elements() == 0)
    ops::refuse("ssim", "the images are " + to_string(full) + ", the window is 11 x 11");
  if (!(range > 0.0f))
    throw SettingError("ssim: the range of the values is " + std::to_string(range) +
                       ", it must be positive");
  const auto extent = [&](int axis) { return static_cast<int>(full[axis]); };
  return {extent(0), extent(1), extent(2), extent(3), range};
}

/// Gaussian means over the windows inside the images: shifted copies are added, since a
/// convolution would round its operands in a math mode below fp32.
Var window_means(Var x) {
  const auto weights = kernels::ssim_weights();
  constexpr int last = SsimShape::window - 1;
  for (const bool along_rows : {true, false}) {
    Var sum;
    for (int t = 0; t <= last; ++t) {
      const auto w = static_cast<float>(weights[static_cast<std::size_t>(t)]);
      const Var part = along_rows ? pad2d(x, 0, -t, 0, t - last) : pad2d(x, -t, 0, t - last, 0);
      sum = sum ? combine(sum, 1.0f, part, w) : scale(part, w);
    }
    x = sum;
  }
  return x;
}

/// The same function in plain ops.
Var plain_ssim(const Var& x, const Var& z, const SsimShape& s) {
  const auto c1 = static_cast<float>(s.c1()), c2 = static_cast<float>(s.c2());
  const Var means = window_means(concat({x, z, add(square(x), square(z)), mul(x, z)}));
  const auto map = [&](int i) {
    return slice_channels(means, i * s.channels, (i + 1) * s.channels);
  };
  const Var norm = add(square(map(0)), square(map(1))), product = mul(map(0), map(1));
  const Var above = mul(affine(product, 2.0f, c1), affine(sub(map(3), product), 2.0f, c2));
  const Var below = mul(affine(norm, 1.0f, c1), affine(sub(map(2), norm), 1.0f, c2));
  const Var ratio = div(above, below);
  return scale(sum_samples(ratio), static_cast<float>(1.0 / static_cast<double>(s.windows())));
}

Vars ssim_vjp(const Sweep& s, const SsimShape& shape) {
  const auto wanted = [&](std::size_t i) {
    return s.wants(i) ? Tensor(s.in[i].shape()) : Tensor();
  };
  Tensor gx = wanted(0), gz = wanted(1);
  kernels::ssim_grad(current_stream(), shape, s.in[0].value().data(), s.in[1].value().data(),
                     s.g.value().data(), gx ? gx.data() : nullptr, gz ? gz.data() : nullptr);
  return ops::record_gradients("ssim_grad", {gx, gz}, s,
                               [shape](const Vars& in) { return plain_ssim(in[0], in[1], shape); });
}

}  // namespace

Var ssim(const Var& x, const Var& z, float range) {
  const SsimShape shape = ssim_shape(x, z, range);
  Tensor y({shape.batch});
  kernels::ssim(current_stream(), shape, x.value().data(), z.value().data(), y.data());
  return record("ssim", std::move(y), {x, z},
                [shape](const Sweep& s) { return ssim_vjp(s, shape); });
}

}  // namespace ganymede
