#pragma once

#include <vector>

#include <ganymede/data/phantom/head.h>

namespace ganymede::phantom {

/// Fresh blood of one slice: brighter than brain, of random kind, site, shape and contrast.
class Bleeding {
 public:
  /// Contrast and extent shrink as difficulty grows; 1 is the default.
  Bleeding(const Head& head, HostRng& rng, double difficulty);

  /// "intraparenchymal", "subdural", "epidural" or "intraventricular"
  const char* type() const;
  /// How much of p, at this Head::depth(), is blood: 0 to 1.
  double amount(Point p, double depth) const;
  /// The grey level at p once `amount` of `tissue` is blood.
  double over(double tissue, Point p, double amount) const;

 private:
  enum class Kind { intraparenchymal, subdural, epidural, intraventricular };

  double blob(Point p) const;
  double shell(Point p, double depth) const;

  const Head& head_;
  Kind kind_;
  double contrast_, mottle_, oedema_;
  Point centre_;
  double long_axis_, short_axis_, tilt_, roughness_;  // of a blob
  double angle_, half_angle_, thickness_;             // of a shell under the skull
  NoiseField edge_, texture_;
};

}  // namespace ganymede::phantom
