#include <ganymede/data/phantom/thorax.h>

#include <ganymede/data/phantom/shapes.h>

namespace ganymede::phantom {
namespace {

constexpr double lung_level = 0.2, wall_level = 0.56, heart_level = 0.74, belly_level = 0.82,
                 fluid_level = 0.72, air_level = 0.02;

}  // namespace

Build::Build(HostRng& rng)
    : width(rng.uniform(0.84, 1.0)),
      shoulders(rng.uniform(0.6, 0.72)),
      apex(rng.uniform(0.62, 0.72)),
      medial(rng.uniform(0.1, 0.15)),
      taper(rng.uniform(2.4, 4.2)),
      heart(rng.uniform(0.85, 1.15)),
      heart_tilt(rng.uniform(-0.75, -0.4)),
      heart_side(rng.uniform(0.08, 0.14)),
      knob(rng.uniform(0.04, 0.08)),
      column(rng.uniform(0.11, 0.16)),
      dome(rng.uniform(-0.42, -0.34)),
      dome_step(rng.uniform(0.02, 0.08)),
      dome_curve(rng.uniform(0.16, 0.26)),
      spacing(rng.uniform(0.125, 0.155)),
      rib_width(rng.uniform(0.026, 0.036)),
      rib_slope(rng.uniform(0.2, 0.34)),
      bone(rng.uniform(0.09, 0.15)),
      clavicle(rng.uniform(0.46, 0.55)),
      clavicle_slope(rng.uniform(0.08, 0.26)),
      fat(rng.uniform(0.05, 0.16)),
      vessels(rng.uniform(0.5, 1.0)) {}

Pose::Pose(HostRng& rng)
    : breath(rng.uniform(-0.06, 0.05)),
      turn(rng.uniform(-0.04, 0.04)),
      lean(rng.uniform(-0.04, 0.04)),
      arms(rng.uniform(-1.3, -0.2)),
      lift(rng.uniform(-0.04, 0.06)),
      bubble(rng.uniform() < 0.5 ? rng.uniform(0.05, 0.12) : 0.0),
      chin(rng.uniform(0.85, 1.6)) {}

Thorax::Thorax(const Build& build, const Pose& pose, HostRng& rng)
    : build_(build), pose_(pose), coarse_(rng, 8), fine_(rng, 30) {}

/// The midline, seen a little from the side and perhaps bent.
double Thorax::middle(double y) const { return pose_.turn + pose_.lean * y * y; }

/// Half the width of the rib cage's inside.
double Thorax::outer(double y) const {
  const double t = std::clamp((y - lowest) / (build_.apex - lowest), 0.0, 1.0);
  return build_.width * 0.8 * std::pow(1 - std::pow(t, build_.taper), 0.55);
}

double Thorax::dome(double x) const {
  const double left = smooth_step(-0.1, 0.1, x);  // lower there, over the heart's side
  const double off = (std::abs(x) / build_.width - 0.34) / 0.44;
  const double fall = build_.dome_curve * off * off * (off < 0 ? 0.35 : 1.0);
  return build_.dome - pose_.breath - build_.dome_step * left - fall;
}

double Thorax::lung(Point p) const {
  const double x = p.x - middle(p.y), out = outer(p.y);
  const double inside = smooth_step(out + 0.012, out - 0.025, std::abs(p.x)) *
                        smooth_step(build_.medial - 0.02, build_.medial + 0.04, std::abs(x));
  const double floor = dome(p.x);
  return inside * smooth_step(floor - 0.015, floor + 0.02, p.y) * (1 - central(p));
}

Point Thorax::in_lung(double side, double u, double v) const {
  const double floor = dome(side * 0.42 * build_.width);
  const double y = mixed(floor, build_.apex - 0.06, v);
  return {side * mixed(build_.medial + 0.05, outer(y), u), y};
}

Point Thorax::hilum(double side) const {
  return {middle(0) + side * (build_.medial + 0.06), side < 0 ? 0.0 : 0.04};
}

/// Heart, great vessels and what lies before the spine: 0 none, 1 full.
double Thorax::central(Point p) const {
  const double m = middle(p.y), h = build_.heart, edge = 0.11;
  const double heart =
      ellipse(p, {m + build_.heart_side, -0.31}, 0.4 * h, 0.29 * h, build_.heart_tilt, edge);
  const double atrium = ellipse(p, {m - 0.06, -0.3}, 0.17 * h, 0.28 * h, 0, 0.1);
  const double knob = ellipse(p, {m + 0.1, 0.28}, build_.knob, 0.09, 0, 0.3);
  const double trunk = ellipse(p, {m + 0.1, 0.08}, 0.1, 0.14, 0.2, 0.3);
  const double flare = 0.08 * smooth_step(0.45, 0.75, p.y);
  const double half = build_.column * (1 + 0.1 * coarse_.at({0.4, p.y})) + flare;
  const double strip = smooth_step(half + 0.02, half - 0.02, std::abs(p.x - m));
  return std::max({heart, atrium, knob, trunk, strip});
}

/// How far p is from the axis of the upper arm, beyond the shoulder.
double Thorax::along_arm(Point p) const {
  const Point joint{1.02 * build_.width, build_.shoulders - 0.1 + pose_.lift};
  const Point end = joint + 1.2 * Point{std::cos(pose_.arms), std::sin(pose_.arms)};
  return off_line({std::abs(p.x), p.y}, joint, end);
}

/// 1 in the patient, 0 beside.
double Thorax::body(Point p, double blur) const {
  const double x = std::abs(p.x), w = build_.width, soft = blur + 0.01;
  const double neck = 0.2 * w;
  const double top =
      build_.shoulders + pose_.lift + 0.3 * std::exp(-std::max(0.0, x - neck) / 0.16) - 0.1 * x * x;
  const double side = w * (0.82 + 0.08 * smooth_step(0.0, 0.5, p.y)) + build_.fat;
  const double torso =
      smooth_step(top + soft, top - soft, p.y) * smooth_step(side + soft, side - soft, x);
  const double throat = smooth_step(neck + soft, neck - soft, x) * smooth_step(0.3, 0.4, p.y);
  const double arm = 0.13 + 0.4 * build_.fat;
  const double face = disc(p, {middle(1), pose_.chin + 0.36}, 0.36, soft / 0.36);
  return std::max({torso, throat, face, smooth_step(arm + soft, arm - soft, along_arm(p))});
}

/// Muscle and fat in front of nothing else, thinner towards the skin.
double Thorax::wall(Point p) const {
  const double side = build_.width * 0.86 + build_.fat;
  const double thick = smooth_step(-0.25, 0.35, side - std::abs(p.x));
  const double below = smooth_step(0.05, -0.1, p.y - dome(p.x));
  const double level = mixed(0.75 * wall_level, wall_level, thick) + 0.03 * coarse_.at(p);
  return mixed(level, belly_level + 0.03 * coarse_.at(p) - 0.15 * (1 - thick), below);
}

/// Trachea and main bronchi: 0 none, 1 air.
double Thorax::airway(Point p) const {
  const double m = middle(p.y);
  const double tube = smooth_step(0.06, 0.025, std::abs(p.x - m)) * smooth_step(0.17, 0.24, p.y);
  const Point fork{m, 0.2};
  const double right = off_line(p, fork, {m - 0.16, 0.04}),
               left = off_line(p, fork, {m + 0.2, 0.06});
  return std::max(tube, 0.6 * smooth_step(0.05, 0.01, std::min(right, left)));
}

/// The lungs with what is in them.
double Thorax::aerated(Point p, double vessel, double opaque) const {
  const double depth =
      smooth_step(0.0, 0.22, outer(p.y) - std::abs(p.x)) * smooth_step(-0.05, 0.2, p.y - dome(p.x));
  const double clear = mixed(lung_level + 0.13, lung_level, depth) + 0.03 * coarse_.at(p) +
                       0.015 * fine_.at(p) + 0.3 * build_.vessels * vessel;
  return mixed(clear, fluid_level, opaque);
}

/// Bones, windpipe and the gas below the left dome: what they add.
double Thorax::details(Point p, double blur, double air) const {
  double sum = 0.07 * spine(p) - 0.11 * airway(p) +
               build_.bone * (ribs(p) * mixed(0.35, 1.0, air) + 1.6 * clavicle(p, blur) +
                              1.6 * shoulder_bone(p, blur));
  if (pose_.bubble > 0) {
    const Point under{0.38, dome(0.38) - 0.5 * pose_.bubble - 0.04};
    sum -= 0.3 * ellipse(p, under, 1.6 * pose_.bubble, 0.6 * pose_.bubble, 0, 0.2);
  }
  return sum;
}

double Thorax::tissue(Point p, double blur, double vessel, double opaque) const {
  const double inside = body(p, blur);
  if (inside <= 0) return air_level;
  const double air = lung(p);
  const double seen = (p.y > dome(p.x) ? 1 : 0.4) * mixed(1, 0.45, smooth_step(0.55, 0.85, p.y));
  double value = mixed(wall(p), heart_level + 0.02 * coarse_.at(p), central(p) * seen);
  value = mixed(value, aerated(p, vessel, opaque), air) + details(p, blur, air);
  return mixed(air_level, value, inside);
}

}  // namespace ganymede::phantom
