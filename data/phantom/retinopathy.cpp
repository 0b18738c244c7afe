#include <ganymede/data/phantom/retinopathy.h>

#include <numbers>

namespace ganymede::phantom {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double half_covered = 0.4;

/// Drawn as a list in braces, whose order is fixed, unlike that of a function's arguments.
struct Polar {
  double angle, distance;
};
Point point(Polar p) { return {p.distance * std::cos(p.angle), p.distance * std::sin(p.angle)}; }

}  // namespace

Retinopathy::Retinopathy(const Frame& frame, const Retina& retina, const Vessels& vessels,
                         HostRng& rng, int grade, double difficulty)
    : retina_(retina),
      vessels_(vessels),
      rng_(rng),
      difficulty_(difficulty),
      blood_contrast_(std::min(1.0, rng.uniform(0.75, 1.0) / difficulty)),
      exudate_contrast_(std::min(1.0, rng.uniform(0.6, 0.9) / difficulty)),
      cotton_contrast_(std::min(1.0, rng.uniform(0.45, 0.7) / difficulty)),
      vessel_contrast_(std::min(1.0, rng.uniform(0.7, 1.0) / difficulty)),
      outline_(rng, 80),
      blood_(frame),
      pools_(frame),
      exudates_(frame),
      cotton_(frame),
      vessels_drawn_(frame),
      middles_(frame) {
  if (grade == 1) microaneurysms(number(3, 9));
  if (grade >= 2) microaneurysms(number(8, 18));
  if (grade == 2) blots(number(3, 9), 2);
  if (grade >= 3) blots(number(18, 34), 4);
  if (grade >= 2) exudates(number(1, grade == 2 ? 4 : 3));
  if (grade >= 3) flames(number(3, 8));
  if (grade >= 3) cotton_wool(number(2, grade == 3 ? 6 : 4));
  if (grade >= 3) beaded_veins(number(1, 3));
  if (grade < 4) return;
  new_vessels(number(1, 4));
  if (rng_.uniform() < 0.6) preretinal_blood();
}

int Retinopathy::number(double low, double high) {
  return std::max(1,
                  static_cast<int>(std::lround(rng_.uniform(low, high) / std::sqrt(difficulty_))));
}

bool Retinopathy::on_disc(Point p, double margin) const {
  return length(p - retina_.disc()) < retina_.disc_radius() + margin;
}

/// In the field, not on the disc, at most so far from the fovea.
Point Retinopathy::somewhere(double around_fovea) {
  for (;;) {
    const Point p = point({rng_.uniform(0, 2 * pi), 0.92 * std::sqrt(rng_.uniform())});
    if (length(p - retina_.fovea()) < around_fovea && !on_disc(p, 0.04)) return p;
  }
}

/// The quadrants meet at the fovea.
Point Retinopathy::in_quadrant(int quadrant) {
  for (;;) {
    const Point p = somewhere(2), q = p - retina_.fovea();
    if ((q.x > 0) == (quadrant % 2 == 1) && (q.y > 0) == (quadrant / 2 == 1)) return p;
  }
}

void Retinopathy::spot(Layer& layer, const Blot& blot) {
  layer.blot(blot, rng_.uniform(0.75, 1.0), outline_);
  middles_.dot(blot.middle);
}

void Retinopathy::microaneurysms(int count) {
  for (int i = 0; i < count; ++i) {
    const double r = rng_.uniform(0.008, 0.014);
    spot(blood_, {somewhere(0.75), r, r, 0, 0, 0.1});
  }
}

void Retinopathy::blots(int count, int quadrants) {
  const int first = static_cast<int>(rng_.below(4));
  for (int i = 0; i < count; ++i) {
    const double r = rng_.uniform(0.011, 0.028);
    spot(blood_, {in_quadrant((first + i % quadrants) % 4), r * rng_.uniform(1.0, 1.5), r,
                  rng_.uniform(0, pi), 0.003, 0.45});
  }
}

/// Bleeding between the nerve fibres, which run out of the disc.
void Retinopathy::flames(int count) {
  for (int i = 0; i < count; ++i) {
    const double angle = rng_.uniform(0, 2 * pi);
    const Point at =
        retina_.disc() + point({angle, retina_.disc_radius() + rng_.uniform(0.08, 0.45)});
    const double rx = rng_.uniform(0.025, 0.055);
    if (length(at) < 0.92)
      spot(blood_,
           {at, rx, rx * rng_.uniform(0.2, 0.35), angle + rng_.uniform(-0.3, 0.3), 0.006, 0.4});
  }
}

/// Waxy specks, in a clump or in a ring around a leak.
void Retinopathy::exudates(int clusters) {
  for (int i = 0; i < clusters; ++i) {
    const Point middle = somewhere(0.55);
    const bool ring = rng_.uniform() < 0.45;
    const double size = rng_.uniform(0.05, 0.12);
    const int specks = number(6, 18);
    for (int k = 0; k < specks; ++k) {
      const double distance = ring ? size * rng_.uniform(0.85, 1.15) : size * rng_.uniform();
      const Point at = middle + point({rng_.uniform(0, 2 * pi), distance});
      const double r = rng_.uniform(0.005, 0.015);
      if (length(at) < 0.95 && !on_disc(at, 0.02))
        spot(exudates_, {at, r * rng_.uniform(1.0, 1.8), r, rng_.uniform(0, pi), 0, 0.4});
    }
  }
}

void Retinopathy::cotton_wool(int count) {
  for (int i = 0; i < count; ++i) {
    Point at = somewhere(2);
    while (length(at - retina_.disc()) > 0.75) at = somewhere(2);
    const double r = rng_.uniform(0.022, 0.045);
    spot(cotton_, {at, r * rng_.uniform(1.0, 1.7), r, rng_.uniform(0, pi), 0.014, 0.45});
  }
}

/// A swelling of the vein where this piece of it runs.
void Retinopathy::bead(std::size_t piece) {
  const VesselPiece& vein = vessels_.pieces()[piece];
  const Point way = vein.to - vein.from;
  spot(vessels_drawn_, {0.5 * (vein.from + vein.to), std::max(0.9 * length(way), 0.016),
                        2.1 * vein.from_radius, std::atan2(way.y, way.x), 0.002, 0});
}

void Retinopathy::beaded_veins(int stretches) {
  const std::vector<VesselPiece>& pieces = vessels_.pieces();
  std::vector<std::size_t> stout;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (pieces[i].vein && pieces[i].trunk && pieces[i].from_radius > 0.005 &&
        length(pieces[i].from) < 0.85 && !on_disc(pieces[i].from, 0.08))
      stout.push_back(i);
  for (int s = 0; s < stretches && !stout.empty(); ++s) {
    const auto first = rng_.below(static_cast<std::uint32_t>(stout.size()));
    for (std::size_t i = first; i < std::min<std::size_t>(first + 16, stout.size()); i += 3)
      bead(stout[i]);
  }
}

/// Fine loops that grow in all directions and turn back.
void Retinopathy::tangle(Point middle, double size) {
  const int loops = 9 + static_cast<int>(rng_.below(8));
  const double pace = 0.2 * size;
  for (int i = 0; i < loops; ++i) {
    Point at = middle + point({rng_.uniform(0, 2 * pi), 0.4 * size * rng_.uniform()});
    double heading = rng_.uniform(0, 2 * pi);
    const double curve = rng_.uniform(-0.7, 0.7), r = rng_.uniform(0.0025, 0.005);
    for (int k = 0; k < 9; ++k) {
      heading += curve + 0.35 * rng_.normal();
      const Point to = at + point({heading, pace});
      vessels_drawn_.stroke(at, to, r, 0.95 * r);
      at = to;
    }
  }
  middles_.dot(middle);
}

void Retinopathy::new_vessels(int tangles) {
  for (int i = 0; i < tangles; ++i) {
    const bool at_disc = rng_.uniform() < 0.4;
    const double share = rng_.uniform(0.3, 1.0);
    const Point middle =
        at_disc ? retina_.disc() + point({rng_.uniform(0, 2 * pi), share * retina_.disc_radius()})
                : somewhere(2);
    tangle(middle, rng_.uniform(0.07, 0.14));
  }
}

/// Blood that has settled behind the vitreous: its upper border is level.
void Retinopathy::preretinal_blood() {
  Point at = somewhere(0.8);
  const double rx = rng_.uniform(0.13, 0.24) / std::sqrt(difficulty_),
               ry = rx * rng_.uniform(0.45, 0.8);
  const double soft = 0.015;
  pools_.stamp(at, 1.2 * rx, [&](Point p) {
    const Point q = p - at;
    const double r = length({q.x / rx, q.y / ry}) + 0.05 * outline_.at(0.4 * p);
    return smooth_step(1 + soft / ry, 1 - soft / ry, r) *
           smooth_step(0.15 * ry + soft, 0.15 * ry - soft, q.y);
  });
  middles_.dot(at);
}

Rgb Retinopathy::over(Rgb tissue, int row, int column) const {
  const Rgb clear{1, 1, 1};
  const double light = tissue.r;  // pale lesions throw back the light that falls there
  Rgb colour = mixed(tissue, Rgb{1.06 * light + 0.05, 0.93 * light + 0.03, 0.72 * light},
                     cotton_contrast_ * cotton_.at(row, column));
  colour = mixed(colour, Rgb{1.15 * light + 0.06, 0.98 * light + 0.05, 0.42 * light},
                 exudate_contrast_ * exudates_.at(row, column));
  colour = mixed(clear, Rgb{0.72, 0.4, 0.45}, vessel_contrast_ * vessels_drawn_.at(row, column)) *
           colour;
  colour = mixed(clear, Rgb{0.55, 0.27, 0.3}, blood_contrast_ * blood_.at(row, column)) * colour;
  return mixed(clear, Rgb{0.42, 0.12, 0.16}, blood_contrast_ * pools_.at(row, column)) * colour;
}

bool Retinopathy::marked(int row, int column) const {
  const double most =
      std::max({blood_.at(row, column), pools_.at(row, column), exudates_.at(row, column),
                cotton_.at(row, column), vessels_drawn_.at(row, column), middles_.at(row, column)});
  return most > half_covered;
}

}  // namespace ganymede::phantom
