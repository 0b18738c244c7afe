#pragma once

#include <vector>

#include <ganymede/data/phantom/thorax.h>

namespace ganymede::phantom {

/// Fluid in the air spaces of a chest with pneumonia: a lobe, patches in both lungs, or haze around
/// the hila; dense in most patients, mild in some.
class Opacities {
 public:
  /// `disease` belongs to the patient, `visit` says how far it went this time. Density and size
  /// shrink as difficulty grows; 1 is the default.
  Opacities(const Thorax& thorax, HostRng& disease, HostRng& visit, double difficulty);

  /// How much of the air at p is replaced: 0 to about .9.
  double amount(Point p) const { return density_ * extent(p) * (0.85 + 0.15 * texture_.at(p)); }
  /// The same as a share of where it is densest: 0 to 1.
  double extent(Point p) const;

 private:
  struct Patch {
    Point middle;
    double rx, ry, tilt, weight;
  };

  void add_lobe(const Thorax& thorax, HostRng& rng);
  void add_patches(const Thorax& thorax, HostRng& rng);
  void add_haze(const Thorax& thorax, HostRng& rng);

  double density_, soft_, rough_, scale_;
  std::vector<Patch> patches_;
  NoiseField outline_, texture_;
};

}  // namespace ganymede::phantom
