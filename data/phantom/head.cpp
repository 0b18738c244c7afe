#include <ganymede/data/phantom/head.h>

#include <numbers>

namespace ganymede::phantom {
namespace {

constexpr double pi = std::numbers::pi;

/// 1 inside an ellipse, 0 outside, with an edge of `softness` of its radius. `tilt` turns its long
/// (y) axis towards the left.
double ellipse(Point p, Point centre, double rx, double ry, double tilt, double softness = 0.25) {
  const Point q = rotated(p - centre, -tilt);
  const double r = std::sqrt(q.x * q.x / (rx * rx) + q.y * q.y / (ry * ry));
  return smooth_step(1 + softness, 1 - softness, r);
}

/// The same on both sides of the midline; the left one `asymmetry` larger.
double pair_of_ellipses(Point p, Point centre, double rx, double ry, double tilt,
                        double asymmetry) {
  const double scale = p.x < 0 ? 1 + asymmetry : 1 - asymmetry;
  return ellipse({std::abs(p.x), p.y}, centre, rx * scale, ry * scale, tilt);
}

}  // namespace

Head::Head(HostRng& rng)
    : level_(static_cast<Level>(rng.below(3))),
      half_width_(rng.uniform(0.74, 0.86)),
      egg_(rng.uniform(0.02, 0.08)),
      wobble_(rng.uniform(0.0, 0.012)),
      wobble_phase_(rng.uniform(0, 2 * pi)),
      scalp_(rng.uniform(0.01, 0.05)),
      skull_(rng.uniform(0.035, 0.14)),
      skull_bulge_(rng.uniform(0.0, 0.5)),
      scalp_level_(rng.uniform(0.02, 0.4)),
      brain_(rng.uniform(0.24, 0.52)),
      white_matter_(rng.uniform(0.02, 0.09)),
      fluid_(rng.uniform(0.15, 0.5)),
      atrophy_(rng.uniform(0.0, 1.0)),
      asymmetry_(rng.uniform(-0.25, 0.25)),
      midline_bend_(rng.uniform(-0.03, 0.03)),
      ventricle_size_(rng.uniform(0.65, 1.35)),
      falx_(rng.uniform() < 0.6 ? rng.uniform(0.05, 0.3) : 0.0),
      pineal_(rng.uniform() < 0.5 ? rng.uniform(0.018, 0.035) : 0.0),
      choroid_left_(rng.uniform() < 0.45 ? rng.uniform(0.02, 0.045) : 0.0),
      choroid_right_(rng.uniform() < 0.45 ? rng.uniform(0.02, 0.045) : 0.0),
      sinus_(rng.uniform(0.0, 1.0)),
      coarse_(rng, 7),
      fine_(rng, 30),
      folds_(rng, 22) {}

double Head::depth(Point p) const {
  const double angle = std::atan2(p.y, p.x);
  const double width = half_width_ * (1 - egg_ * p.y);  // narrower in front
  const double outline = 1 + wobble_ * std::cos(3 * angle + wobble_phase_);
  return std::pow(std::pow(std::abs(p.x) / width, 2.2) + std::pow(std::abs(p.y), 2.2), 1 / 2.2) /
         outline;
}

/// Thickness of the bone: more in front and behind than at the temples.
double Head::bone_at(double angle) const {
  return skull_ * (1 + skull_bulge_ * std::abs(std::sin(angle)) - 0.5 * skull_bulge_);
}

double Head::ventricles(Point p) const {
  const double s = ventricle_size_, a = asymmetry_;
  if (level_ == Level::high)
    return sinus_ < 0.4 ? 0 : pair_of_ellipses(p, {0.12, 0.02}, 0.07 * s, 0.34 * s, -0.15, a);
  if (level_ == Level::middle)
    return std::max({pair_of_ellipses(p, {0.095, 0.24}, 0.055 * s, 0.17 * s, -0.42, a),
                     pair_of_ellipses(p, {0.25, -0.33}, 0.06 * s, 0.17 * s, 0.5, a),
                     ellipse(p, {0, -0.02}, 0.022 * s, 0.13, 0, 0.5)});
  return std::max({ellipse(p, {0, -0.48}, 0.06 * s, 0.05 * s, 0),
                   pair_of_ellipses(p, {0.33, -0.12}, 0.03 * s, 0.1 * s, 0.4, a)});
}

/// Fluid between the folds and along the midline: 0 none, 1 full.
double Head::clefts(Point p, double depth_of_p) const {
  const double rim = smooth_step(0.55, 0.95, depth_of_p / brain_edge());
  const double fold = std::abs(folds_.at(p) + 0.3 * fine_.at(p));
  const double sulcus = rim * smooth_step(0.05 + 0.17 * atrophy_, 0.02, fold);
  const double off_midline = std::abs(p.x - midline_bend_ * std::cos(2 * p.y));
  const double in_front_or_behind = smooth_step(0.3, 0.5, p.y) + smooth_step(-0.45, -0.65, p.y);
  const double fissure = (level_ == Level::high ? 1 : in_front_or_behind) *
                         smooth_step(0.03 + 0.02 * atrophy_, 0.005, off_midline);
  const double sylvian = level_ == Level::high
                             ? 0
                             : smooth_step(0.05 + 0.05 * atrophy_, 0.01,
                                           std::abs(p.y - 0.2 - 0.35 * (std::abs(p.x) - 0.5) +
                                                    0.06 * coarse_.at(3 * p))) *
                                   smooth_step(0.36, 0.45, std::abs(p.x));
  double cistern = 0;
  if (level_ == Level::low) {
    const double angle = std::atan2(p.y - 0.02, p.x);
    const double star = 0.1 + 0.06 * std::cos(5 * angle + pi / 2);
    cistern = smooth_step(star * 1.25, star * 0.75, length({p.x, p.y - 0.02}));
  }
  return std::clamp(0.8 * sulcus + 0.9 * fissure + 0.8 * sylvian + 0.9 * cistern, 0.0, 1.0);
}

double Head::brain_tissue(Point p, double depth_of_p) const {
  const double inward = depth_of_p / brain_edge();
  const double white =
      smooth_step(0.88, 0.6, inward + 0.12 * folds_.at(p)) * (0.6 + 0.4 * coarse_.at(2 * p));
  const double nuclei =
      level_ == Level::middle ? pair_of_ellipses(p, {0.26, 0.08}, 0.1, 0.2, 0.25, 0) : 0;
  double value = brain_ + 0.025 * coarse_.at(p) + 0.02 * fine_.at(p);
  value -= white_matter_ * white * (1 - nuclei);
  value = mixed(value, fluid_ * brain_, std::max(clefts(p, depth_of_p), ventricles(p)));
  const double dura = smooth_step(0.018, 0.004, std::abs(p.x - midline_bend_ * std::cos(2 * p.y)));
  if (level_ != Level::low) value += falx_ * dura * smooth_step(-0.35, -0.6, p.y);
  return value;
}

/// Bone-bright specks that belong to healthy heads too.
double Head::calcified(Point p) const {
  const auto speck = [&](Point centre, double r) {
    return r > 0 ? smooth_step(1.3 * r, 0.6 * r, length(p - centre)) : 0.0;
  };
  if (level_ == Level::high) return speck({0.0, 0.55}, 0.6 * pineal_);
  return std::max({speck({0, -0.16}, pineal_), speck({-0.24, -0.3}, choroid_left_),
                   speck({0.24, -0.3}, choroid_right_)});
}

/// Petrous ridges and sphenoid wings of a low slice: 0 none, 1 bone.
double Head::skull_base(Point p, double blur) const {
  if (level_ != Level::low) return 0;
  const Point q{std::abs(p.x), p.y};
  const auto ridge = [&](Point from, Point to, double width) {
    const Point d = to - from;
    const double t =
        std::clamp(((q - from).x * d.x + (q - from).y * d.y) / (d.x * d.x + d.y * d.y), 0.0, 1.0);
    const double reach = width * (1.2 - 0.8 * t) * (1 + 0.3 * fine_.at(p));
    return smooth_step(reach + blur, reach - blur, length(q - from - t * d));
  };
  return std::max(ridge({0.8 * half_width_, -0.3}, {0.2, -0.12}, 0.06 + 0.03 * sinus_),
                  ridge({0.85 * half_width_, 0.3}, {0.3, 0.36}, 0.035));
}

double Head::tissue(Point p, double d, double blur) const {
  if (d > 1 + blur) return -0.05;
  const double bone = bone_at(std::atan2(p.y, p.x));
  const double inner = 1 - scalp_ - bone, outer = 1 - scalp_;
  double value = brain_tissue(p, d);
  value = mixed(value, 1.1, calcified(p));
  value = mixed(value, 1.2, skull_base(p, blur));
  value = mixed(value, 1.25, smooth_step(inner - blur, inner + blur, d));
  if (level_ == Level::low && sinus_ > 0.35) {  // air of the frontal sinus within thick bone
    const double cell = std::max(ellipse(p, {-0.1, 0.88}, 0.11 * sinus_, 0.045, -0.15),
                                 ellipse(p, {0.12, 0.88}, 0.1 * sinus_, 0.04, 0.15));
    const double wall = ellipse(p, {0, 0.86}, 0.32 * sinus_, 0.1, 0);
    value = mixed(mixed(value, 1.2, wall), -0.2, cell);
  }
  value = mixed(value, scalp_level_, smooth_step(outer - blur, outer + blur, d));
  return mixed(value, -0.05, smooth_step(1 - blur, 1 + blur, d));
}

}  // namespace ganymede::phantom
