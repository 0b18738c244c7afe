#include <ganymede/data/phantom/vessels.h>

#include <numbers>

namespace ganymede::phantom {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double step = 0.025;           // length of a piece, of the field's radius
constexpr double thinnest = 0.0016;      // where a twig can no longer be seen
constexpr double avascular_zone = 0.12;  // around the fovea

double heading_of(Point way) { return std::atan2(way.y, way.x); }
Point towards(double heading) { return {std::cos(heading), std::sin(heading)}; }

/// A course bent to and fro across its own direction; ends that must stay are bent least.
std::vector<Point> meandering(std::vector<Point> course, double size, HostRng& rng) {
  const double slow = rng.uniform(0, 2 * pi), fast = rng.uniform(0, 2 * pi);
  const double waves = rng.uniform(1.5, 3.0);
  const std::vector<Point> straight = course;
  for (std::size_t i = 1; i + 1 < course.size(); ++i) {
    const double t = double(i) / double(course.size());
    const double heading = heading_of(straight[i + 1] - straight[i - 1]);
    const double off =
        size * std::min(1.0, 6 * t) *
        (std::sin(2 * pi * waves * t + slow) + 0.4 * std::sin(7 * pi * waves * t + fast));
    course[i] = straight[i] + off * towards(heading + 0.5 * pi);
  }
  return course;
}

}  // namespace

Vessels::Vessels(const Retina& retina, HostRng& rng) : retina_(retina) {
  grow_trees(true, rng);
  grow_trees(false, rng);
}

void Vessels::grow_trees(bool vein, HostRng& rng) {
  const double radius = (vein ? 0.0145 : 0.0108) * retina_.person().vessel_width;
  for (const double up : {1.0, -1.0}) {
    grow_arcade(vein, up, radius * rng.uniform(0.85, 1.1), rng);
    grow_nasal(vein, up, radius * rng.uniform(0.5, 0.75), rng);
  }
  const int small = 2 + static_cast<int>(rng.below(3));  // from the disc straight to the macula
  for (int i = 0; i < small; ++i) {
    const double heading = (retina_.temporal() > 0 ? 0 : pi) + rng.uniform(-0.6, 0.6);
    grow_twig({retina_.disc() + 0.5 * retina_.disc_radius() * towards(heading), heading,
               radius * rng.uniform(0.22, 0.38), 2, vein},
              rng);
  }
}

/// Half an ellipse around the macula, out of the disc and past the fovea.
void Vessels::grow_arcade(bool vein, double up, double radius, HostRng& rng) {
  const Point disc = retina_.disc(), fovea = retina_.fovea();
  const double height = up * rng.uniform(0.42, 0.62), beyond = rng.uniform(0.7, 1.05);
  const double last = rng.uniform(1.9, 2.5);
  const int pieces = 70;
  std::vector<Point> course;
  for (int i = 0; i <= pieces; ++i) {
    const double angle = last * i / pieces;
    const double along = std::cos(angle);
    const double x = along > 0 ? fovea.x + (disc.x - fovea.x) * along
                               : fovea.x - retina_.temporal() * beyond * along;
    const double rise = std::pow(std::sin(std::min(angle, pi)), along > 0 ? 0.8 : 1.3);
    const double base = mixed(disc.y, fovea.y, smooth_step(0, 1, angle));
    course.push_back({x, base + height * rise});
  }
  grow_trunk(meandering(course, 0.012 * retina_.person().tortuosity, rng), radius, vein, rng);
}

/// Away from the macula to the border of the field.
void Vessels::grow_nasal(bool vein, double up, double radius, HostRng& rng) {
  const Point disc = retina_.disc();
  const double outwards = retina_.temporal() > 0 ? pi : 0;
  const double turn = up * (retina_.temporal() > 0 ? -1 : 1);
  const double first = outwards + turn * rng.uniform(0.9, 1.4),
               final = outwards + turn * rng.uniform(0.25, 0.9);
  std::vector<Point> course{disc};
  const int pieces = 40;
  for (int i = 1; i <= pieces; ++i)
    course.push_back(course.back() +
                     step * towards(mixed(first, final, smooth_step(0, 0.5, double(i) / pieces))));
  grow_trunk(meandering(course, 0.01 * retina_.person().tortuosity, rng), radius, vein, rng);
}

void Vessels::grow_trunk(const std::vector<Point>& course, double radius, bool vein, HostRng& rng) {
  double next_twig = rng.uniform(0.12, 0.22), gone = 0, side = rng.below(2) ? 1 : -1;
  for (std::size_t i = 0; i + 1 < course.size(); ++i) {
    if (length(course[i]) > 1.1) return;
    const double thinner = radius * (1 - 0.9 / double(course.size()));
    pieces_.push_back({course[i], course[i + 1], radius, thinner, vein, true});
    radius = thinner;
    gone += length(course[i + 1] - course[i]);
    if (gone < next_twig) continue;
    next_twig = gone + rng.uniform(0.06, 0.16);
    side = rng.uniform() < 0.75 ? -side : side;
    const double share = rng.uniform(0.35, 0.75);
    grow_twig({course[i + 1], heading_of(course[i + 1] - course[i]) + side * rng.uniform(0.4, 1.0),
               share * radius, 1, vein},
              rng);
    radius *= 1 - 0.12 * share;
  }
}

void Vessels::grow_twig(const Twig& twig, HostRng& rng) {
  Point at = twig.at;
  double heading = twig.heading, radius = twig.radius, curve = 0;
  double next_twig = rng.uniform(0.08, 0.2), gone = 0;
  const double taper = rng.uniform(0.955, 0.975);
  while (radius > thinnest && !ends(at)) {
    curve = 0.7 * curve + 0.055 * retina_.person().tortuosity * rng.normal();
    heading += curve;
    const Point to = at + step * towards(heading);
    pieces_.push_back({at, to, radius, taper * radius, twig.vein, false});
    at = to, radius *= taper, gone += step;
    if (gone < next_twig || twig.order > 3) continue;
    next_twig = gone + rng.uniform(0.08, 0.22);
    const double side = rng.below(2) ? 1 : -1;
    grow_twig({at, heading + side * rng.uniform(0.4, 0.9), radius * rng.uniform(0.5, 0.8),
               twig.order + 1, twig.vein},
              rng);
    heading -= side * 0.15;
    radius *= 0.9;
  }
}

bool Vessels::ends(Point p) const {
  return length(p) > 1.1 || length(p - retina_.fovea()) < avascular_zone;
}

void Vessels::draw(Layer& arteries, Layer& veins, Layer& reflexes) const {
  for (const VesselPiece& piece : pieces_) {
    // Thin twigs are seen through more tissue.
    const double amount = smooth_step(0, 0.006, piece.from_radius) * 0.6 + 0.4;
    (piece.vein ? veins : arteries)
        .stroke(piece.from, piece.to, piece.from_radius, piece.to_radius, amount);
    if (!piece.vein && piece.from_radius > 0.005)
      reflexes.stroke(piece.from, piece.to, 0.25 * piece.from_radius, 0.25 * piece.to_radius);
  }
}

}  // namespace ganymede::phantom
