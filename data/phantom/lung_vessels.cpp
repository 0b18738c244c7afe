#include <ganymede/data/phantom/lung_vessels.h>

#include <numbers>
#include <vector>

namespace ganymede::phantom {
namespace {

constexpr double step = 0.05, thinnest = 0.003;

struct Twig {
  Point at;
  double heading, radius;
};

/// Fainter as it thins.
double strength(double radius) { return std::clamp(radius / 0.024, 0.15, 0.7); }

/// Follows one twig for a step; what it forks into is appended.
void grow(const Twig& twig, HostRng& rng, Layer& layer, std::vector<Twig>& growing) {
  const double heading = twig.heading + rng.uniform(-0.35, 0.35);
  const Point end = twig.at + step * Point{std::cos(heading), std::sin(heading)};
  const double radius = twig.radius * rng.uniform(0.8, 0.92);
  layer.stroke(twig.at, end, twig.radius, radius, strength(twig.radius));
  if (radius < thinnest) return;
  const bool forks = rng.uniform() < 0.3;
  const double turn = forks ? rng.uniform(0.3, 0.6) * (rng.below(2) ? 1 : -1) : 0;
  growing.push_back({end, heading + 0.4 * turn, radius * (forks ? 0.9 : 1)});
  if (forks) growing.push_back({end, heading - turn, 0.7 * radius});
}

}  // namespace

void draw_lung_vessels(const Thorax& thorax, HostRng& rng, Layer& layer) {
  std::vector<Twig> growing;
  for (const double side : {-1.0, 1.0}) {
    const int trunks = 7;
    for (int i = 0; i < trunks; ++i) {
      const double spread = mixed(-1.45, 1.3, (i + rng.uniform(0.2, 0.8)) / trunks);
      const double heading = side > 0 ? spread : std::numbers::pi - spread;
      growing.push_back({thorax.hilum(side), heading, rng.uniform(0.012, 0.024)});
    }
  }
  while (!growing.empty()) {
    const Twig twig = growing.back();
    growing.pop_back();
    grow(twig, rng, layer, growing);
  }
}

}  // namespace ganymede::phantom
