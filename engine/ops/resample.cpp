#include <memory>

#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/resample.h>

namespace ganymede {
namespace {

/// A linear map of images and its adjoint: each is the other's derivative.
struct LinearMap {
  const char* name;
  const char* adjoint_name;
  Shape from, to;
  std::function<void(Stream&, const float*, float*)> forward, adjoint;
  /// What the map itself is made of, if anything: must not change before grad.
  std::vector<Tensor> constants{};
};
using Map = std::shared_ptr<const LinearMap>;

Var apply(const Map& map, const Var& x, bool adjoint);

Var recorded(const Map& map, const Var& x, bool adjoint, Tensor y) {
  Vars inputs{x};
  for (const Tensor& constant : map->constants) inputs.emplace_back(constant);
  return record(adjoint ? map->adjoint_name : map->name, std::move(y), std::move(inputs),
                [map, adjoint](const Sweep& s) {
                  Vars gradients(s.in.size());  // none of the constants
                  gradients[0] = apply(map, s.g, !adjoint);
                  return gradients;
                });
}

Var apply(const Map& map, const Var& x, bool adjoint) {
  Tensor y(adjoint ? map->from : map->to);
  (adjoint ? map->adjoint : map->forward)(current_stream(), x.value().data(), y.data());
  return recorded(map, x, adjoint, std::move(y));
}

Var apply(LinearMap map, const Var& x) {
  return apply(std::make_shared<const LinearMap>(std::move(map)), x, false);
}

int narrow(std::int64_t extent) { return static_cast<int>(extent); }

void require_image(const char* op, const Var& x) {
  ops::require_rank(op, x.shape(), 4, "N x H x W x C");
}

kernels::PoolShape pool_shape(const char* op, const Var& x, const PoolGeometry& g) {
  require_image(op, x);
  const Shape& s = x.shape();
  const std::string window = std::to_string(g.window);
  if (g.window < 1 || g.stride < 1 || g.pad < 0 || g.pad >= g.window)
    ops::refuse(op, "window " + window + ", stride " + std::to_string(g.stride) + ", pad " +
                        std::to_string(g.pad) + ": need window and stride >= 1, pad < window");
  if (s[1] + 2 * g.pad < g.window || s[2] + 2 * g.pad < g.window)
    ops::refuse(op, "a window of " + window + " does not fit " + to_string(s) + " with pad " +
                        std::to_string(g.pad));
  kernels::PoolShape shape;
  shape.batch = narrow(s[0]), shape.height = narrow(s[1]), shape.width = narrow(s[2]);
  shape.channels = narrow(s[3]);
  shape.window_h = shape.window_w = g.window;
  shape.stride_h = shape.stride_w = g.stride;
  shape.pad_top = shape.pad_left = shape.pad_bottom = shape.pad_right = g.pad;
  shape.count_include_pad = g.count_include_pad;
  return shape;
}

Shape output_of(const kernels::PoolShape& s) {
  return {s.batch, s.out_height(), s.out_width(), s.channels};
}

kernels::ResizeShape resize_shape(const char* op, const Var& x, int height, int width) {
  require_image(op, x);
  if (height < 1 || width < 1 || x.shape().elements() == 0)
    ops::refuse(op, to_string(x.shape()) + " cannot become " + std::to_string(height) + "x" +
                        std::to_string(width));
  const Shape& s = x.shape();
  return {narrow(s[0]), narrow(s[1]), narrow(s[2]), narrow(s[3]), height, width};
}

}  // namespace

Var max_pool(const Var& x, const PoolGeometry& geometry) {
  const auto shape = pool_shape("max_pool", x, geometry);
  Tensor y(output_of(shape)), index(output_of(shape), DType::i32);
  kernels::max_pool(current_stream(), shape, x.value().data(), y.data(),
                    index.data<std::int32_t>());
  const auto map = std::make_shared<const LinearMap>(
      LinearMap{"max_pool", "max_pool_grad", x.shape(), y.shape(),
                [shape, index](Stream& stream, const float* from, float* to) {
                  kernels::pool_take(stream, shape, from, index.data<std::int32_t>(), to);
                },
                [shape, index](Stream& stream, const float* from, float* to) {
                  kernels::pool_put(stream, shape, from, index.data<std::int32_t>(), to);
                }});
  return recorded(map, x, false, std::move(y));
}

Var avg_pool(const Var& x, const PoolGeometry& geometry) {
  const auto shape = pool_shape("avg_pool", x, geometry);
  return apply({"avg_pool", "avg_pool_grad", x.shape(), output_of(shape),
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::avg_pool(stream, shape, from, to);
                },
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::avg_pool_grad(stream, shape, from, to);
                }},
               x);
}

Var pad2d(const Var& x, int top, int left, int bottom, int right) {
  require_image("pad2d", x);
  const Shape& s = x.shape();
  const kernels::PadShape shape{narrow(s[0]), narrow(s[1]), narrow(s[2]), narrow(s[3]),
                                top,          left,         bottom,       right};
  if (shape.out_height() < 1 || shape.out_width() < 1)
    ops::refuse("pad2d", "cropping " + to_string(s) + " to " + std::to_string(shape.out_height()) +
                             "x" + std::to_string(shape.out_width()) + " leaves nothing");
  Tensor y({s[0], shape.out_height(), shape.out_width(), s[3]});
  kernels::pad2d(current_stream(), shape, x.value().data(), y.data());
  return record("pad2d", std::move(y), {x}, [top, left, bottom, right](const Sweep& sweep) {
    return Vars{pad2d(sweep.g, -top, -left, -bottom, -right)};
  });
}

Var upsample_nearest(const Var& x, int factor) {
  require_image("upsample_nearest", x);
  if (factor < 1) ops::refuse("upsample_nearest", "factor " + std::to_string(factor));
  const Shape& s = x.shape();
  const auto shape =
      resize_shape("upsample_nearest", x, narrow(s[1]) * factor, narrow(s[2]) * factor);
  return apply({"upsample_nearest",
                "upsample_nearest_grad",
                s,
                {s[0], shape.out_height, shape.out_width, s[3]},
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::upsample_nearest(stream, shape, from, to);
                },
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::upsample_nearest_grad(stream, shape, from, to);
                }},
               x);
}

Var resize_bilinear(const Var& x, int height, int width) {
  const auto shape = resize_shape("resize_bilinear", x, height, width);
  return apply({"resize_bilinear",
                "resize_bilinear_grad",
                x.shape(),
                {x.shape()[0], height, width, x.shape()[3]},
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::resize_bilinear(stream, shape, from, to);
                },
                [shape](Stream& stream, const float* from, float* to) {
                  kernels::resize_bilinear_grad(stream, shape, from, to);
                }},
               x);
}

namespace {

/// A constant of one entry per image, of the extents `wanted`.
void require_constant(const char* op, const char* what, const Tensor& given, const Shape& x,
                      const Shape& wanted) {
  if (given.shape() == wanted) return;
  ops::refuse(op, std::string(what) + " are " + to_string(given.shape()) + ", " + to_string(x) +
                      " wants " + to_string(wanted));
}

kernels::WarpShape warp_shape(const Shape& s, kernels::Fill2d fill, int grid = 0) {
  return {narrow(s[0]), narrow(s[1]), narrow(s[2]), narrow(s[3]), fill, grid};
}

}  // namespace

Var affine_warp(const Var& x, const Tensor& matrices, kernels::Fill2d fill) {
  require_image("affine_warp", x);
  const Shape& s = x.shape();
  require_constant("affine_warp", "matrices", matrices, s, Shape{s[0], 6});
  const kernels::WarpShape shape = warp_shape(s, fill);
  return apply({"affine_warp",
                "affine_warp_grad",
                s,
                s,
                [shape, matrices](Stream& stream, const float* from, float* to) {
                  kernels::affine_warp(stream, shape, from, matrices.data(), to);
                },
                [shape, matrices](Stream& stream, const float* from, float* to) {
                  kernels::affine_warp_grad(stream, shape, from, matrices.data(), to);
                },
                {matrices}},
               x);
}

Var elastic_warp(const Var& x, const Tensor& matrices, const Tensor& controls,
                 kernels::Fill2d fill) {
  require_image("elastic_warp", x);
  const Shape& s = x.shape();
  require_constant("elastic_warp", "matrices", matrices, s, Shape{s[0], 6});
  ops::require_rank("elastic_warp", controls.shape(), 4, "N x grid x grid x 2");
  const std::int64_t grid = controls.shape()[1];
  require_constant("elastic_warp", "controls", controls, s, Shape{s[0], grid, grid, 2});
  if (grid < 4)
    ops::refuse("elastic_warp", std::to_string(grid) + " control points a side; needs 4 or more");
  const kernels::WarpShape shape = warp_shape(s, fill, narrow(grid));
  return apply({"elastic_warp",
                "elastic_warp_grad",
                s,
                s,
                [=](Stream& stream, const float* from, float* to) {
                  kernels::elastic_warp(stream, shape, from, matrices.data(), controls.data(), to);
                },
                [=](Stream& stream, const float* from, float* to) {
                  kernels::elastic_warp_grad(stream, shape, from, matrices.data(), controls.data(),
                                             to);
                },
                {matrices, controls}},
               x);
}

}  // namespace ganymede
