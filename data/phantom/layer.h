#pragma once

#include <vector>

#include <ganymede/data/phantom/noise_field.h>

namespace ganymede::phantom {

/// Where a photograph's pixels lie on the scene: the scene's origin is at `centre` (x to the right,
/// y down, pixels), one scene unit is `unit` pixels, the scene's y points up.
struct Frame {
  int height = 0, width = 0;
  Point centre;
  double unit = 1;
  double angle = 0;  ///< the camera was turned by this, radians
  double blur = 0;   ///< half width of edges in scene units, at least that of a pixel

  /// The scene point under the middle of a pixel.
  Point scene(int row, int column) const;
  /// The inverse: x is the column, y the row.
  Point pixel(Point scene) const;
};

/// A filled ellipse in scene units.
struct Blot {
  Point middle;
  double rx, ry, tilt;  ///< radii; rx is turned by tilt from the right, radians
  double edge;          ///< half the width of the border beside the frame's blur
  double rough;         ///< 0 to .5: how far the outline is bent, of the radii
};

/// How much of each pixel something covers, 0 to 1. Things are stamped one by one; where two meet
/// the larger amount stays.
class Layer {
 public:
  explicit Layer(const Frame& frame)
      : frame_(&frame), amounts_(static_cast<std::size_t>(frame.height) * frame.width, 0.0f) {}

  double at(int row, int column) const { return amounts_[place(row, column)]; }

  /// amount(scene point) for every pixel within `reach` of `middle`, in scene units.
  template <class Amount>
  void stamp(Point middle, double reach, Amount amount) {
    const Point p = frame_->pixel(middle);
    const double r = reach * frame_->unit;
    const int top = std::max(0, static_cast<int>(std::floor(p.y - r))),
              bottom = std::min(frame_->height - 1, static_cast<int>(std::ceil(p.y + r))),
              left = std::max(0, static_cast<int>(std::floor(p.x - r))),
              right = std::min(frame_->width - 1, static_cast<int>(std::ceil(p.x + r)));
    for (int row = top; row <= bottom; ++row)
      for (int column = left; column <= right; ++column) {
        float& here = amounts_[place(row, column)];
        here = std::max(here, static_cast<float>(amount(frame_->scene(row, column))));
      }
  }

  /// The pixel that holds the point, wholly.
  void dot(Point scene);
  /// A line between two points, as thick as two radii, its edges as soft as the frame's blur.
  void stroke(Point from, Point to, double from_radius, double to_radius, double amount = 1);
  /// `outline` bends the border.
  void blot(const Blot& blot, double amount, const NoiseField& outline);

 private:
  std::size_t place(int row, int column) const {
    return static_cast<std::size_t>(row) * frame_->width + column;
  }

  const Frame* frame_;
  std::vector<float> amounts_;
};

}  // namespace ganymede::phantom
