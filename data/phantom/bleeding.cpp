#include <ganymede/data/phantom/bleeding.h>

#include <numbers>

namespace ganymede::phantom {
namespace {

constexpr double pi = std::numbers::pi;

double wrapped(double angle) { return std::remainder(angle, 2 * pi); }

}  // namespace

Bleeding::Bleeding(const Head& head, HostRng& rng, double difficulty)
    : head_(head), kind_(Kind::intraparenchymal), edge_(rng, 16), texture_(rng, 28) {
  const double shrink = 1 / std::sqrt(difficulty);
  const double drawn = rng.uniform();
  if (drawn > 0.62) kind_ = Kind::subdural;
  if (drawn > 0.77) kind_ = Kind::epidural;
  if (drawn > 0.9) kind_ = Kind::intraventricular;
  contrast_ = rng.uniform(0.26, 0.5) / difficulty;
  mottle_ = rng.uniform(0.1, 0.35);
  oedema_ = rng.uniform(0.0, 0.1);
  const double away = rng.uniform(0.25, 0.62) * head.brain_edge(), around = rng.uniform(0, 2 * pi);
  centre_ = {away * head.half_width() * std::cos(around), away * std::sin(around)};
  long_axis_ = shrink * rng.uniform(0.16, 0.34);
  short_axis_ = long_axis_ * rng.uniform(0.55, 1.0);
  tilt_ = rng.uniform(0, pi);
  roughness_ = rng.uniform(0.1, 0.4);
  angle_ = rng.below(2) * pi + rng.uniform(-0.9, 0.9);  // left or right, not at the midline
  const bool lens = kind_ == Kind::epidural;
  half_angle_ = lens ? rng.uniform(0.35, 0.55) : rng.uniform(0.7, 1.1);
  thickness_ = shrink * (lens ? rng.uniform(0.2, 0.32) : rng.uniform(0.13, 0.22));
}

const char* Bleeding::type() const {
  switch (kind_) {
    case Kind::subdural:
      return "subdural";
    case Kind::epidural:
      return "epidural";
    case Kind::intraventricular:
      return "intraventricular";
    default:
      return "intraparenchymal";
  }
}

double Bleeding::blob(Point p) const {
  const Point q = rotated(p - centre_, -tilt_);
  const double r =
      std::sqrt(q.x * q.x / (short_axis_ * short_axis_) + q.y * q.y / (long_axis_ * long_axis_));
  const double edge = 1 + roughness_ * edge_.at(p);
  return smooth_step(edge + 0.12, edge - 0.12, r);
}

/// A crescent (subdural) or lens (epidural) against the inner table.
double Bleeding::shell(Point p, double depth) const {
  const double along = wrapped(std::atan2(p.y, p.x / head_.half_width()) - angle_) / half_angle_;
  if (std::abs(along) >= 1) return 0;
  const double profile = kind_ == Kind::epidural ? 1 - along * along : std::sqrt(1 - along * along);
  const double reach = thickness_ * profile * (1 + 0.3 * roughness_ * edge_.at(p));
  const double inward = head_.brain_edge() - depth;
  return smooth_step(reach + 0.02, reach - 0.02, inward);
}

double Bleeding::amount(Point p, double depth) const {
  const double inside = smooth_step(head_.brain_edge() + 0.02, head_.brain_edge() - 0.01, depth);
  if (inside == 0) return 0;
  switch (kind_) {
    case Kind::intraparenchymal:
      return inside * blob(p);
    case Kind::intraventricular: {
      const double filled = head_.ventricles(p) * smooth_step(-0.15, 0.1, centre_.x * p.x + 0.1);
      return inside * std::max(filled, blob(p));
    }
    default:
      return inside * shell(p, depth);
  }
}

double Bleeding::over(double tissue, Point p, double amount) const {
  const double blood = head_.brain() + contrast_ * (1 + mottle_ * texture_.at(p));
  double value = tissue;
  if (kind_ == Kind::intraparenchymal) {
    const Point nearer = centre_ + (1 / 1.35) * (p - centre_);  // a rim around the blob
    value -= oedema_ * head_.brain() * blob(nearer) * (tissue < 0.8 ? 1 : 0);
  }
  return mixed(value, std::max(blood, value), amount);
}

}  // namespace ganymede::phantom
