#include <ganymede/data/phantom/retina.h>

namespace ganymede::phantom {
namespace {

Rgb drawn_fundus(HostRng& rng) {
  const double red = rng.uniform(0.52, 0.86);
  const double green = rng.uniform(0.3, 0.6);  // of red: from deep red to yellow
  const double pale = std::max(0.0, rng.uniform(-0.3, 0.35));
  return {red, red * green, red * (0.1 + 0.2 * green + 0.6 * pale * green)};
}

double bump(double distance, double width) {
  return std::exp(-0.5 * distance * distance / (width * width));
}

}  // namespace

Person::Person(HostRng& rng)
    : fundus(drawn_fundus(rng)),
      tessellation(std::max(0.0, rng.uniform(-0.1, 0.11))),
      macula(rng.uniform(0.18, 0.42)),
      nerve(rng.uniform(0.02, 0.12)),
      disc_radius(rng.uniform(0.1, 0.135)),
      cup(rng.uniform(0.25, 0.6)),
      vessel_width(rng.uniform(0.85, 1.2)),
      tortuosity(rng.uniform(0.5, 1.5)) {}

Retina::Retina(const Person& person, HostRng& rng, bool left_eye)
    : person_(person),
      temporal_(left_eye ? 1 : -1),
      fovea_{temporal_ * rng.uniform(-0.06, 0.22), rng.uniform(-0.1, 0.06)},
      disc_(fovea_ + Point{-temporal_ * rng.uniform(0.6, 0.72), rng.uniform(0.02, 0.13)}),
      disc_tilt_(rng.uniform(-0.3, 0.3)),
      disc_stretch_(rng.uniform(1.0, 1.18)),
      disc_edge_(rng.uniform(0.008, 0.03)),
      disc_light_(rng.uniform(0.75, 1.0)),
      pallor_(rng.uniform(0.0, 0.6)),
      crescent_(rng.uniform() < 0.4 ? rng.uniform(0.1, 0.35) : 0.0),
      reflex_(rng.uniform() < 0.3 ? rng.uniform(0.05, 0.2) : 0.0),
      reflex_at_(fovea_ + Point{rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)}),
      coarse_(rng, 5),
      patches_(rng, 14),
      choroid_(rng, 34),
      fine_(rng, 90) {}

/// Pigment in clouds, and the choroid's vessels as lighter streaks where little pigment covers
/// them.
Rgb Retina::tissue(Point p) const {
  const double clouds = 0.07 * coarse_.at(p) + 0.04 * patches_.at(p) + 0.015 * fine_.at(p);
  // Two fields at an angle hide the lattice of each; the warp makes their lines meander.
  const Point bent = p + 0.09 * Point{patches_.at(p), patches_.at(rotated(p, 1.3))};
  const double mesh = choroid_.at(rotated(bent, 0.5)) + choroid_.at(0.83 * rotated(bent, 1.2));
  const double streak = smooth_step(0.45, 0.0, std::abs(mesh));
  const double away = smooth_step(0.15, 0.6, length(p - fovea_));
  const double light = 1 + clouds + person_.tessellation * away * (streak - 0.4);
  const Point from_disc = p - disc_;
  const double fibres = person_.nerve * bump(length(from_disc), 0.35) *
                        std::pow(std::sin(std::atan2(from_disc.y, from_disc.x)), 2);
  return light * person_.fundus + fibres * Rgb{0.6, 0.7, 0.5};
}

Rgb Retina::with_macula(Rgb colour, Point p) const {
  const double away = length(p - fovea_);
  const double dark = person_.macula * (0.75 * bump(away, 0.15) + 0.45 * bump(away, 0.045));
  colour = Rgb{1 - 0.55 * dark, 1 - dark, 1 - 0.8 * dark} * colour;
  const Point q = p - reflex_at_;
  return colour + reflex_ * bump(length({q.x, 0.6 * q.y}), 0.022) * Rgb{0.8, 0.9, 0.8};
}

Rgb Retina::with_disc(Rgb colour, Point p) const {
  const Point q = rotated(p - disc_, -disc_tilt_);
  const double r = length({q.x, q.y / disc_stretch_}) / person_.disc_radius;
  const double soft = disc_edge_ / person_.disc_radius;
  const double beside = 0.5 + 0.5 * temporal_ * std::cos(std::atan2(q.y, q.x));
  const double rim = 1 + crescent_ * beside;
  colour = mixed(colour, 1.35 * colour + Rgb{0.03, 0.04, 0.03},
                 0.6 * smooth_step(rim + soft, rim - soft, r));
  const double bright = disc_light_ * (0.55 + 0.5 * person_.fundus.r);
  const Rgb nerve = bright * mixed(Rgb{1.05, 0.66, 0.32}, Rgb{1.02, 0.85, 0.6}, pallor_);
  const Rgb cup = bright * Rgb{1.1, 0.96, 0.7};
  const Point c = q - Point{0.1 * temporal_ * person_.disc_radius, 0};
  const double in_cup = length(c) / person_.disc_radius;
  const Rgb whole = mixed(nerve, cup, smooth_step(person_.cup + 0.25, person_.cup - 0.15, in_cup));
  return mixed(colour, (1 + 0.06 * fine_.at(p)) * whole, smooth_step(1 + soft, 1 - soft, r));
}

Rgb Retina::colour(Point p) const { return with_disc(with_macula(tissue(p), p), p); }

}  // namespace ganymede::phantom
