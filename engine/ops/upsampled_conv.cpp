#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/upsampled_conv.h>
#include <ganymede/kernels/upsampling_weights.h>

namespace ganymede {
namespace {

constexpr const char* op = "upsampled_conv2d";

kernels::UpsamplingWeightsShape weights_shape(const Shape& w, int factor) {
  ops::require_rank(op, w, 4, "K x R x S x C");
  if (factor < 1) ops::refuse(op, "factor " + std::to_string(factor) + "; needs 1 or more");
  if (w[1] % 2 == 0 || w[2] % 2 == 0)
    ops::refuse(op, "a window of " + std::to_string(w[1]) + "x" + std::to_string(w[2]) +
                        " has no middle; needs odd extents");
  const auto extent = [](std::int64_t e) { return static_cast<int>(e); };
  return {extent(w[0]), extent(w[1]), extent(w[2]), extent(w[3]), factor};
}

Shape narrow(const kernels::UpsamplingWeightsShape& s) {
  return {s.filters, s.kernel_h, s.kernel_w, s.channels};
}

/// The adjoint of upsampling_weights.
Var upsampling_weights_grad(const Var& gv, const kernels::UpsamplingWeightsShape& s) {
  Tensor gw(narrow(s));
  kernels::upsampling_weights_grad(current_stream(), s, gv.value().data(), gw.data());
  return record("upsampling_weights_grad", std::move(gw), {gv},
                [factor = s.factor](const Sweep& sweep) {
                  return Vars{upsampling_weights(sweep.g, factor)};
                });
}

}  // namespace

Var upsampling_weights(const Var& w, int factor) {
  const auto s = weights_shape(w.shape(), factor);
  Tensor v({s.channels, s.wide_h(), s.wide_w(), s.filters});
  kernels::upsampling_weights(current_stream(), s, w.value().data(), v.data());
  return record("upsampling_weights", std::move(v), {w},
                [s](const Sweep& sweep) { return Vars{upsampling_weights_grad(sweep.g, s)}; });
}

ConvGeometry upsampling_geometry(const Shape& w, int factor) {
  ConvGeometry g;
  g.stride_h = g.stride_w = factor;
  g.pad_top = g.pad_bottom = static_cast<int>(w[1] - 1) / 2;
  g.pad_left = g.pad_right = static_cast<int>(w[2] - 1) / 2;
  return g;
}

Var upsampled_conv2d(const Var& x, const Var& w, int factor, const Fused& fused) {
  ops::require_rank(op, x.shape(), 4, "N x H x W x C");
  const Var v = upsampling_weights(w, factor);
  const Shape& s = x.shape();
  if (s[3] != w.shape()[3])
    ops::refuse(op, "input has " + std::to_string(s[3]) + " channels, the filter expects " +
                        std::to_string(w.shape()[3]));
  return conv_transpose2d(x, v, {s[0], s[1] * factor, s[2] * factor, w.shape()[0]},
                          upsampling_geometry(w.shape(), factor), fused);
}

}  // namespace ganymede
