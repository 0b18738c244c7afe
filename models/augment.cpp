#include <ganymede/models/augment.h>

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

Tensor augment(const Tensor& images, const ClassicOptions& options, HostRng& rng) {
  const Shape& s = images.shape();
  const Tensor matrices =
      Tensor::from(random_warps(options, s[0], int(s[1]), int(s[2]), rng), Shape{s[0], 6});
  return affine_warp(images, matrices, options.fill).value();
}

}  // namespace ganymede
