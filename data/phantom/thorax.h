#pragma once

#include <ganymede/data/phantom/noise_field.h>

namespace ganymede::phantom {

/// What stays of a patient from one X-ray to the next. Lengths in units of about the chest's half
/// width.
struct Build {
  explicit Build(HostRng& rng);

  double width, shoulders, apex, medial, taper;
  double heart, heart_tilt, heart_side, knob, column;  ///< column: half width of the mediastinum
  double dome, dome_step, dome_curve;
  double spacing, rib_width, rib_slope, bone, clavicle, clavicle_slope;
  double fat, vessels;
};

/// How the patient stood before the detector this time.
struct Pose {
  explicit Pose(HostRng& rng);

  double breath;  ///< below 0: the domes stand high
  double turn;    ///< the middle is seen this far to one side
  double lean;    ///< of the spine
  double arms;    ///< radians, above the horizontal
  double lift;    ///< of the shoulders
  double bubble;  ///< of gas in the stomach; 0: none
  double chin;    ///< height; mostly above the picture
};

/// A chest from the front without disease. The origin lies between the hila, x to the right of the
/// picture (the patient's left), y up; the lungs reach from about -.6 to .7. Brightness as on
/// film: 0 air, about .25 lung, .75 heart, 1 metal.
class Thorax {
 public:
  Thorax(const Build& build, const Pose& pose, HostRng& rng);

  const Build& build() const { return build_; }
  /// 1 in the lungs as far as heart and diaphragm do not hide them, 0 outside, soft between.
  double lung(Point p) const;
  /// A place in the lung on one side (-1, 1): u from the middle outwards, v from the dome upwards,
  /// 0 to 1.
  Point in_lung(double side, double u, double v) const;
  /// Where the vessels enter.
  Point hilum(double side) const;
  /// The dome of the diaphragm below x.
  double dome(double x) const;
  /// Brightness at p; `blur` is the width of edges, `vessel` the vessels' share (0 to 1), `opaque`
  /// how much of the air is replaced by fluid (0 to 1).
  double tissue(Point p, double blur, double vessel, double opaque) const;

 private:
  static constexpr double lowest = -0.66;  // of the costophrenic angles

  double middle(double y) const;
  double outer(double y) const;
  double central(Point p) const;
  double body(Point p, double blur) const;
  double wall(Point p) const;
  double ribs(Point p) const;
  double rib(double off) const;
  double clavicle(Point p, double blur) const;
  double shoulder_bone(Point p, double blur) const;
  double spine(Point p) const;
  double airway(Point p) const;
  double along_arm(Point p) const;
  double aerated(Point p, double vessel, double opaque) const;
  double details(Point p, double blur, double air) const;

  Build build_;
  Pose pose_;
  NoiseField coarse_, fine_;
};

}  // namespace ganymede::phantom
