#include <ganymede/models/augment.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <ganymede/engine/ops/resample.h>

namespace ganymede {
namespace {

struct Matrix {
  double a, b, c, d;  // row, column
  friend Matrix operator*(const Matrix& l, const Matrix& r) {
    return {l.a * r.a + l.b * r.c, l.a * r.b + l.b * r.d, l.c * r.a + l.d * r.c,
            l.c * r.b + l.d * r.d};
  }
};

}  // namespace

std::vector<float> random_warps(const ClassicOptions& o, std::int64_t n, int height, int width,
                                HostRng& rng) {
  std::vector<float> matrices;
  const double s = o.strength, row0 = (height - 1) / 2.0, col0 = (width - 1) / 2.0;
  const auto within = [&](double bound) { return rng.uniform(-bound, bound); };
  for (std::int64_t i = 0; i < n; ++i) {
    constexpr double degree = std::numbers::pi / 180.0;
    const double angle = within(s * o.rotation) * degree, shear = within(s * o.shear) * degree;
    const double zoom_row = 1.0 + within(s * o.zoom), zoom_col = 1.0 + within(s * o.zoom);
    const double shift_row = within(s * o.shift) * height, shift_col = within(s * o.shift) * width;
    const bool mirror = rng.uniform() < 0.5 && o.horizontal_flip;
    const bool upside_down = rng.uniform() < 0.5 && o.vertical_flip;
    const Matrix rotate{std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)};
    const Matrix sheared{1.0, -std::sin(shear), 0.0, std::cos(shear)};
    const Matrix zoomed{zoom_row, 0.0, 0.0, zoom_col};
    const Matrix flipped{upside_down ? -1.0 : 1.0, 0.0, 0.0, mirror ? -1.0 : 1.0};
    const Matrix m = rotate * sheared * zoomed * flipped;
    for (double v : {m.a, m.b, row0 + shift_row - m.a * row0 - m.b * col0, m.c, m.d,
                     col0 + shift_col - m.c * row0 - m.d * col0})
      matrices.push_back(static_cast<float>(v));
  }
  return matrices;
}

std::vector<float> random_controls(const ClassicOptions& o, std::int64_t n, int height, int width,
                                   HostRng& rng) {
  std::vector<float> controls;
  const std::int64_t points = n * o.elastic_grid * o.elastic_grid;
  const double deviation = double{o.strength} * o.elastic;
  for (std::int64_t i = 0; i < points; ++i)
    for (const int side : {height, width})
      controls.push_back(static_cast<float>(deviation * side * rng.normal()));
  return controls;
}

ColourFactors random_colours(const ClassicOptions& o, std::int64_t n, HostRng& rng) {
  const auto factors = [&](double amount) {
    std::vector<float> drawn;
    const double within = o.strength * amount;
    for (std::int64_t i = 0; i < n && amount > 0; ++i)
      drawn.push_back(static_cast<float>(std::max(0.0, 1.0 + rng.uniform(-within, within))));
    return drawn;
  };
  ColourFactors f;
  f.brightness = factors(o.brightness);
  f.contrast = factors(o.contrast);
  f.saturation = factors(o.saturation);
  return f;
}

Tensor ClassicAugmentation::operator()(const Tensor& images) {
  const Recording off(false);
  const Shape& s = images.shape();
  const std::int64_t n = s[0];
  const int height = int(s[1]), width = int(s[2]), grid = options_.elastic_grid;
  const Tensor matrices =
      Tensor::from(random_warps(options_, n, height, width, warps_), Shape{n, 6});
  const Tensor controls =
      options_.elastic > 0
          ? Tensor::from(random_controls(options_, n, height, width, controls_), {n, grid, grid, 2})
          : Tensor();
  const Tensor warped = controls ? elastic_warp(images, matrices, controls, options_.fill).value()
                                 : affine_warp(images, matrices, options_.fill).value();
  const bool colours = options_.brightness > 0 || options_.contrast > 0 || options_.saturation > 0;
  return colours ? recolour(warped, random_colours(options_, n, colours_)) : warped;
}

}  // namespace ganymede
