#pragma once

#include <vector>

#include <ganymede/data/phantom/layer.h>
#include <ganymede/data/phantom/retina.h>

namespace ganymede::phantom {

/// A short piece of a vessel; the next piece of it, if any, follows in the list.
struct VesselPiece {
  Point from, to;
  double from_radius, to_radius;
  bool vein, trunk;
};

/// Arteries and veins of one eye. From the disc four trunks of each run up and down: the temporal
/// ones arch around the macula, the nasal ones straight on; twigs leave them on both sides, thinner
/// every time, and none reaches the fovea.
class Vessels {
 public:
  Vessels(const Retina& retina, HostRng& rng);

  const std::vector<VesselPiece>& pieces() const { return pieces_; }
  /// Strokes of the pieces onto the layers, and the line of light along the larger arteries.
  void draw(Layer& arteries, Layer& veins, Layer& reflexes) const;

 private:
  struct Twig {
    Point at;
    double heading, radius;
    int order;  ///< 1 leaves a trunk, 2 leaves that
    bool vein;
  };

  void grow_trees(bool vein, HostRng& rng);
  void grow_arcade(bool vein, double up, double radius, HostRng& rng);
  void grow_nasal(bool vein, double up, double radius, HostRng& rng);
  void grow_trunk(const std::vector<Point>& course, double radius, bool vein, HostRng& rng);
  void grow_twig(const Twig& twig, HostRng& rng);
  bool ends(Point p) const;

  const Retina& retina_;
  std::vector<VesselPiece> pieces_;
};

}  // namespace ganymede::phantom
