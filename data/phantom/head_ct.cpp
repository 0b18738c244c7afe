#include <ganymede/data/phantom/head_ct.h>

#include <optional>

#include <fmt/core.h>

#include <ganymede/data/phantom/bleeding.h>

namespace ganymede::phantom {
namespace {

/// How the scanner and the person who exported the slice saw the head.
struct View {
  int height, width;
  double angle, zoom;
  Point shift;
  double gain, offset, noise, grain, shading;
};

View draw_view(const Head& head, const PhantomOptions& options, HostRng& rng) {
  View view{};
  view.height = static_cast<int>(std::lround(options.size * rng.uniform(0.75, 1.0)));
  const double margin = rng.uniform(0.0, 0.1);
  view.width =
      static_cast<int>(std::lround(std::min(1.0, head.half_width() + margin) * view.height));
  view.angle = rng.uniform(-0.2, 0.2);
  view.zoom = rng.uniform(0.8, 0.98);
  view.shift = {rng.uniform(-0.02, 0.02), rng.uniform(-0.02, 0.02)};
  view.gain = rng.uniform(0.9, 1.15);
  view.offset = rng.uniform(-0.04, 0.06);
  view.noise = rng.uniform(0.01, 0.05);
  view.grain = rng.uniform(0.0, 0.6);
  view.shading = rng.uniform(-0.05, 0.05);
  return view;
}

/// The head point under the centre of pixel (row, column).
Point head_point(const View& view, int row, int column) {
  const double half = 0.5 * view.height * view.zoom;
  const Point p{(column + 0.5 - 0.5 * view.width) / half, (0.5 * view.height - row - 0.5) / half};
  return rotated(p - view.shift, view.angle);
}

/// Reconstruction noise: neighbouring pixels share a part of it.
class Grain {
 public:
  explicit Grain(const View& view) : view_(view), above_(view.width, 0.0) {}
  double next(HostRng& rng, int column) {
    const double fresh = rng.normal();
    const double shared = 0.5 * (left_ + above_[column]);
    left_ = above_[column] = mixed(fresh, shared, view_.grain);
    return view_.noise * left_;
  }

 private:
  const View& view_;
  double left_ = 0;
  std::vector<double> above_;
};

}  // namespace

std::string bleeding_type(const PhantomOptions& options, int index) {
  const std::string path = fmt::format("phantom/head-ct/1/{}", index);
  HostRng anatomy(options.seed, path + "/head"), blood(options.seed, path + "/bleeding");
  const Head head(anatomy);
  return Bleeding(head, blood, options.difficulty).type();
}

Phantom make_head_ct(const PhantomOptions& options, int label, int index) {
  const std::string path = fmt::format("phantom/head-ct/{}/{}", label, index);
  HostRng anatomy(options.seed, path + "/head"), scanner(options.seed, path + "/view"),
      blood(options.seed, path + "/bleeding");
  const Head head(anatomy);
  const View view = draw_view(head, options, scanner);
  std::optional<Bleeding> bleeding;
  if (label == 1) bleeding.emplace(head, blood, options.difficulty);
  Phantom phantom{Image(view.height, view.width, 1), Image(view.height, view.width, 1), label};
  Grain grain(view);
  const double blur = 1.0 / (0.5 * view.height * view.zoom);
  for (int row = 0; row < view.height; ++row)
    for (int column = 0; column < view.width; ++column) {
      const Point p = head_point(view, row, column);
      const double depth = head.depth(p);
      const bool inside = depth < 1;
      double value = head.tissue(p, depth, blur);
      const double blood_here = bleeding && inside ? bleeding->amount(p, depth) : 0;
      if (bleeding && inside) value = bleeding->over(value, p, blood_here);
      if (blood_here > 0.5) phantom.mask.set(row, column, 0, 255);
      value = value * view.gain + (inside ? view.offset + view.shading * p.y : 0.0);
      value += grain.next(scanner, column) * (inside ? 1.0 : 0.3);
      phantom.image.set(row, column, 0, 255 * value);
    }
  return phantom;
}

}  // namespace ganymede::phantom
