// Tensors without elements: sums over nothing are 0, everything else passes through.
#include <catch2/catch.hpp>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>

#include "test/backends.h"
#include "test/case.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

std::vector<float> zeros(std::int64_t count) {
  return std::vector<float>(static_cast<std::size_t>(count), 0.0f);
}

/// A result of the given extents, all zero where it has elements, and a gradient of x's extents,
/// zero as well.
template <class Op>
void check_empty(const std::string& what, const Shape& from, const Shape& to, const Op& op) {
  INFO(what << ", " << to_string(from) << " to " << to_string(to));
  const Var x = Var::leaf(Tensor::zeros(from));
  const Var y = op(x);
  CHECK(y.shape() == to);
  CHECK(y.value().host() == zeros(to.elements()));
  const Tensor gx = grad(y, {x}, {Tensor::zeros(to), false})[0].value();
  CHECK(gx.shape() == from);
  CHECK(gx.host() == zeros(from.elements()));
}

const Shape empty_matrices[] = {{0, 3}, {3, 0}, {0, 0}};
const Shape empty_images[] = {{0, 4, 4, 3}, {2, 4, 4, 0}};

Shape resized(Shape s, std::int64_t height, std::int64_t width) {
  s.set(1, height), s.set(2, width);
  return s;
}

}  // namespace

TEST_CASE("empty: sums and their adjoint", "[reduce]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    for (const Shape& from : empty_matrices) {
      const Shape rows{from[0], 1}, columns{from[1]};
      for (const Shape& to : {Shape{}, rows, columns, from}) {
        check_empty("sum_to", from, to, [&](const Var& x) { return sum_to(x, to); });
        check_empty("expand", to, from, [&](const Var& x) { return expand(x, from); });
      }
      check_empty("sum", from, {}, [](const Var& x) { return sum(x); });
    }
    check_empty("sum_to", {2, 0, 3}, {2, 1, 3}, [](const Var& x) { return sum_to(x, {2, 1, 3}); });
    check_empty("sum_to", {0, 5, 0}, {1, 5, 1}, [](const Var& x) { return sum_to(x, {1, 5, 1}); });
  });
}

TEST_CASE("empty: copies", "[copy]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Tensor none = Tensor::from(std::vector<std::int32_t>{}, {0});
    for (const Shape& s : empty_matrices) {
      const Shape turned{s[1], s[0]};
      check_empty("swap_axes", s, turned, [](const Var& x) { return swap_axes(x, 0); });
      check_empty("take_rows", s, {0, s[1]}, [&](const Var& x) { return take_rows(x, none); });
      check_empty("concat", s, {s[0], 2 * s[1]}, [](const Var& x) { return concat({x, x}); });
      check_empty("concat_rows", s, {2 * s[0], s[1]}, [](const Var& x) {
        return concat_rows({x, x});
      });
    }
    check_empty("concat_rows", {0, 3}, {2, 3}, [](const Var& x) {
      return concat_rows({x, Tensor::zeros({2, 3})});
    });
    check_empty("slice_rows", {4, 3}, {0, 3}, [](const Var& x) { return slice_rows(x, 2, 2); });
    check_empty("take_rows", {4, 3}, {0, 3}, [&](const Var& x) { return take_rows(x, none); });
    CHECK(one_hot(none, 3).host().empty());
  });
}

TEST_CASE("empty: images", "[resample]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    for (const Shape& s : empty_images) {
      const Shape half = resized(s, 2, 2);
      const Tensor matrices = Tensor::zeros({s[0], 6});
      check_empty("max_pool", s, half, [](const Var& x) { return max_pool(x, {}); });
      check_empty("avg_pool", s, half, [](const Var& x) { return avg_pool(x, {}); });
      check_empty("pad2d", s, resized(s, 7, 6), [](const Var& x) { return pad2d(x, 1, 2, 2, 0); });
      for (auto fill : {kernels::Fill2d::nearest, kernels::Fill2d::zero}) {
        check_empty("affine_warp", s, s,
                    [&](const Var& x) { return affine_warp(x, matrices, fill); });
        check_empty("elastic_warp", s, s, [&](const Var& x) {
          return elastic_warp(x, matrices, Tensor::zeros({s[0], 4, 4, 2}), fill);
        });
      }
    }
    // What would leave, or come from, an image without pixels is refused.
    const Var image = Tensor::zeros({1, 3, 2, 2}), none = Tensor::zeros({1, 0, 2, 2});
    CHECK_THROWS_AS(pad2d(image, -1, 0, -2, 0), ShapeError);
    CHECK_THROWS_AS(resize_bilinear(none, 3, 3), ShapeError);
    CHECK_THROWS_AS(resize_bilinear(image, 0, 3), ShapeError);
    CHECK_THROWS_AS(upsample_nearest(none, 2), ShapeError);
  });
}
