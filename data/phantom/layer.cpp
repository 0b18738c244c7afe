#include <ganymede/data/phantom/layer.h>

namespace ganymede::phantom {

Point Frame::scene(int row, int column) const {
  const Point p{(column + 0.5 - centre.x) / unit, (centre.y - row - 0.5) / unit};
  return rotated(p, angle);
}

Point Frame::pixel(Point scene) const {
  const Point p = rotated(scene, -angle);
  return {centre.x + unit * p.x - 0.5, centre.y - unit * p.y - 0.5};
}

void Layer::dot(Point scene) {
  const Point p = frame_->pixel(scene);
  const int row = static_cast<int>(std::lround(p.y)), column = static_cast<int>(std::lround(p.x));
  if (row >= 0 && row < frame_->height && column >= 0 && column < frame_->width)
    amounts_[place(row, column)] = 1;
}

void Layer::stroke(Point from, Point to, double from_radius, double to_radius, double amount) {
  const Point way = to - from;
  const double squared = std::max(way.x * way.x + way.y * way.y, 1e-12), blur = frame_->blur;
  stamp(0.5 * (from + to), 0.5 * length(way) + std::max(from_radius, to_radius) + blur,
        [&](Point p) {
          const Point q = p - from;
          const double t = std::clamp((q.x * way.x + q.y * way.y) / squared, 0.0, 1.0);
          const double r = mixed(from_radius, to_radius, t);
          return amount * smooth_step(r + blur, r - blur, length(q - t * way));
        });
}

void Layer::blot(const Blot& blot, double amount, const NoiseField& outline) {
  const double soft = (blot.edge + frame_->blur) / std::sqrt(blot.rx * blot.ry);
  stamp(blot.middle, std::max(blot.rx, blot.ry) * (1 + blot.rough + soft), [&](Point p) {
    const Point q = rotated(p - blot.middle, -blot.tilt);
    const double border = 1 + blot.rough * outline.at(p);
    return amount *
           smooth_step(border + soft, border - soft, length({q.x / blot.rx, q.y / blot.ry}));
  });
}

}  // namespace ganymede::phantom
