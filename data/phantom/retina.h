#pragma once

#include <ganymede/data/phantom/colour.h>

namespace ganymede::phantom {

/// What both eyes of a person share.
struct Person {
  explicit Person(HostRng& rng);

  Rgb fundus;            ///< colour between vessels, from pale pink through orange to dark brown
  double tessellation;   ///< how far the vessels of the choroid shine through
  double macula, nerve;  ///< darkness of the macula, brightness of the nerve fibres near the disc
  double disc_radius, cup;
  double vessel_width, tortuosity;
};

/// The back of one eye without vessels and lesions. Retina coordinates: the origin is the middle of
/// the photographed field, whose radius is 1; x to the right, y up as in the photograph.
class Retina {
 public:
  /// In a right eye the disc lies to the right of the macula, in a left one to its left.
  Retina(const Person& person, HostRng& rng, bool left_eye);

  /// Disc, macula and the tissue between them, evenly lit.
  Rgb colour(Point p) const;

  const Person& person() const { return person_; }
  Point disc() const { return disc_; }
  Point fovea() const { return fovea_; }
  double disc_radius() const { return person_.disc_radius; }
  /// The direction from the disc to the fovea along x: -1 in a right eye, 1 in a left one.
  double temporal() const { return temporal_; }

 private:
  Rgb tissue(Point p) const;
  Rgb with_macula(Rgb colour, Point p) const;
  Rgb with_disc(Rgb colour, Point p) const;

  const Person& person_;
  double temporal_;
  Point fovea_, disc_;
  double disc_tilt_, disc_stretch_, disc_edge_, disc_light_, pallor_;
  double crescent_;  // width of the pale crescent beside the disc
  double reflex_;    // the light that the fovea throws back
  Point reflex_at_;
  NoiseField coarse_, patches_, choroid_, fine_;
};

}  // namespace ganymede::phantom
