#include <ganymede/data/phantom/opacities.h>

#include <numbers>

namespace ganymede::phantom {

Opacities::Opacities(const Thorax& thorax, HostRng& disease, HostRng& visit, double difficulty)
    : outline_(disease, 18), texture_(disease, 26) {
  const bool mild = disease.uniform() < 0.2;
  const double drawn = mild ? disease.uniform(0.45, 0.6) : disease.uniform(0.8, 0.95);
  density_ = std::min(drawn / difficulty, 0.95);
  soft_ = disease.uniform(0.25, 0.5);
  rough_ = disease.uniform(0.2, 0.5);
  scale_ = visit.uniform(0.85, 1.1) / std::sqrt(difficulty);
  const double kind = disease.uniform();
  if (kind < 0.4)
    add_lobe(thorax, disease);
  else if (kind < 0.8)
    add_patches(thorax, disease);
  else
    add_haze(thorax, disease);
}

/// One large part of a lung, sometimes with a smaller one elsewhere.
void Opacities::add_lobe(const Thorax& thorax, HostRng& rng) {
  const double side = rng.below(2) ? 1 : -1;
  patches_.push_back({thorax.in_lung(side, rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.75)),
                      rng.uniform(0.24, 0.38), rng.uniform(0.26, 0.42), rng.uniform(-0.6, 0.6), 1});
  if (rng.uniform() < 0.35)
    patches_.push_back({thorax.in_lung(-side, rng.uniform(0.2, 0.7), rng.uniform(0.1, 0.6)),
                        rng.uniform(0.1, 0.18), rng.uniform(0.1, 0.18), 0, 0.8});
}

void Opacities::add_patches(const Thorax& thorax, HostRng& rng) {
  const int count = 4 + static_cast<int>(rng.below(5));
  for (int i = 0; i < count; ++i) {
    const double side = rng.below(2) ? 1 : -1, r = rng.uniform(0.12, 0.22);
    patches_.push_back({thorax.in_lung(side, rng.uniform(0.1, 0.8), rng.uniform(0.08, 0.8)), r,
                        r * rng.uniform(0.7, 1.3), rng.uniform(0, std::numbers::pi),
                        rng.uniform(0.7, 1.0)});
  }
}

/// Both lungs, most around the hila and below.
void Opacities::add_haze(const Thorax& thorax, HostRng& rng) {
  for (const double side : {-1.0, 1.0}) {
    patches_.push_back({thorax.in_lung(side, 0.2, rng.uniform(0.35, 0.55)), rng.uniform(0.24, 0.36),
                        rng.uniform(0.28, 0.42), side * 0.2, rng.uniform(0.75, 1.0)});
    patches_.push_back({thorax.in_lung(side, 0.45, 0.15), rng.uniform(0.2, 0.32),
                        rng.uniform(0.14, 0.24), 0, rng.uniform(0.6, 0.95)});
  }
}

double Opacities::extent(Point p) const {
  double most = 0;
  for (const Patch& patch : patches_) {
    const Point q = rotated(p - patch.middle, -patch.tilt);
    const double r = length({q.x / (scale_ * patch.rx), q.y / (scale_ * patch.ry)});
    const double border = 1 + rough_ * outline_.at(p);
    most = std::max(most, patch.weight * smooth_step(border + soft_, border - soft_, r));
  }
  return most;
}

}  // namespace ganymede::phantom
