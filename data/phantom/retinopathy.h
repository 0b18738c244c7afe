#pragma once

#include <ganymede/data/phantom/layer.h>
#include <ganymede/data/phantom/vessels.h>

namespace ganymede::phantom {

/// The lesions of diabetic retinopathy in one eye, by the international grades: 0 none; 1 a few
/// microaneurysms; 2 more of them, blot haemorrhages and hard exudates; 3 haemorrhages in all four
/// quadrants, cotton wool spots and beaded veins; 4 new vessels and blood in front of the retina
/// beside the others. (Wilkinson et al., Ophthalmology 2003.)
class Retinopathy {
 public:
  /// Number and contrast of the lesions fall as difficulty grows; 1 is the default.
  Retinopathy(const Frame& frame, const Retina& retina, const Vessels& vessels, HostRng& rng,
              int grade, double difficulty);

  /// What the lesions make of the light of a pixel.
  Rgb over(Rgb tissue, int row, int column) const;
  /// True where a lesion is: where it covers about half of the pixel, and at its middle always.
  bool marked(int row, int column) const;

 private:
  int number(double low, double high);
  Point somewhere(double around_fovea);
  Point in_quadrant(int quadrant);
  bool on_disc(Point p, double margin) const;

  void microaneurysms(int count);
  void blots(int count, int quadrants);
  void flames(int count);
  void exudates(int clusters);
  void cotton_wool(int count);
  void beaded_veins(int stretches);
  void new_vessels(int tangles);
  void preretinal_blood();
  void bead(std::size_t piece);
  void tangle(Point middle, double size);
  void spot(Layer& layer, const Blot& blot);

  const Retina& retina_;
  const Vessels& vessels_;
  HostRng& rng_;
  double difficulty_;
  double blood_contrast_, exudate_contrast_, cotton_contrast_, vessel_contrast_;
  NoiseField outline_;
  Layer blood_, pools_, exudates_, cotton_, vessels_drawn_, middles_;
};

}  // namespace ganymede::phantom
