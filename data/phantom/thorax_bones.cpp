#include <numbers>

#include <ganymede/data/phantom/shapes.h>
#include <ganymede/data/phantom/thorax.h>

namespace ganymede::phantom {
namespace {

constexpr double pi = std::numbers::pi;
constexpr int rib_pairs = 10;

}  // namespace

/// Bright at the borders, where the bone is hit along its surface.
double Thorax::rib(double off) const {
  const double r = std::abs(off) / build_.rib_width;
  return smooth_step(1.25, 0.85, r) * (0.5 + 0.5 * std::min(1.0, r * r));
}

/// Ten pairs: level behind and then falling to the side, from there steeply forwards and fainter.
double Thorax::ribs(Point p) const {
  const double out = std::max(outer(p.y) + 0.03, 0.05);
  const double x = std::abs(p.x - 0.5 * middle(p.y)) / out;
  if (x > 1) return 0;
  double behind = 0, front = 0;
  for (int k = 0; k < rib_pairs; ++k) {
    const double start = build_.apex - 0.04 - build_.spacing * k - 0.3 * pose_.breath * k / 10;
    const double slope = build_.rib_slope + 0.012 * k;
    const double back = start + 0.1 * x - slope * x * x;
    behind = std::max(behind, rib(p.y - back));
    const double turn = start + 0.1 - slope - 0.03;
    const double fore = turn - (0.2 + 0.02 * k) * (1 - x * x);
    if (k < 7) front = std::max(front, rib((p.y - fore) / 1.15));
  }
  const double shown =
      std::max(behind * smooth_step(0.08, 0.2, x), 0.6 * front * smooth_step(0.42, 0.7, x));
  const double border = 0.5 * smooth_step(0.9, 0.97, x);  // where they turn forwards
  return smooth_step(1.0, 0.97, x) * smooth_step(lowest, lowest + 0.1, p.y) *
         std::max(shown, border);
}

double Thorax::clavicle(Point p, double blur) const {
  const double x = std::abs(p.x - middle(p.y)) / build_.width, t = (x - 0.08) / 0.74;
  if (t < -0.05 || t > 1.05) return 0;
  const double y =
      build_.clavicle + pose_.lift * t + build_.clavicle_slope * t + 0.025 * std::sin(2 * pi * t);
  const double half = 0.03 - 0.009 * std::sin(pi * std::clamp(t, 0.0, 1.0));
  const double ends = smooth_step(-0.05, 0.0, t) * smooth_step(1.05, 1.0, t);
  const double r = std::abs(p.y - y);
  return ends * smooth_step(half + blur, half - blur, r) * (0.7 + 0.3 * r / half);
}

/// The head of the humerus with its shaft, and the blade behind the upper lung.
double Thorax::shoulder_bone(Point p, double blur) const {
  const Point q{std::abs(p.x), p.y};
  const Point joint{1.0 * build_.width, build_.shoulders - 0.1 + pose_.lift};
  const double head = disc(q, joint, 0.1, 0.15);
  const double shaft = q.x > joint.x ? smooth_step(0.055 + blur, 0.045 - blur, along_arm(p)) : 0;
  const double low = joint.y - 0.55;
  const double inner = mixed(0.76, 0.66, smooth_step(low, joint.y, q.y)) * build_.width;
  const double blade =
      smooth_step(inner - 0.04, inner + 0.04, q.x) * smooth_step(low - 0.05, low + 0.15, q.y) *
      smooth_step(joint.y + 0.05, joint.y, q.y) * smooth_step(1.0, 0.9, q.x / build_.width);
  return std::max({head, 0.9 * shaft, 0.22 * blade});
}

/// Vertebrae with discs between them, seen faintly through the heart.
double Thorax::spine(Point p) const {
  const double x = std::abs(p.x - middle(p.y)), half = 0.085;
  const double body = smooth_step(half + 0.015, half - 0.015, x);
  const double phase = std::cos(2 * pi * p.y / (0.95 * build_.spacing));
  return body * (0.7 + 0.3 * smooth_step(-0.9, -0.5, phase));
}

}  // namespace ganymede::phantom
