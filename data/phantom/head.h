#pragma once

#include <ganymede/data/phantom/noise_field.h>

namespace ganymede::phantom {

/// The head of one slice without a lesion. Head coordinates: the origin is the middle, x to the
/// right, y to the front, the head's half length is 1. Grey levels as a brain window shows them: 0
/// air and fluid, about .4 brain, 1 bone.
class Head {
 public:
  explicit Head(HostRng& rng);

  /// |p| as a share of the outline in its direction: 1 on the skin.
  double depth(Point p) const;
  /// Where the skull ends and the brain begins, in the units of depth().
  double brain_edge() const { return 1 - scalp_ - skull_; }
  double half_width() const { return half_width_; }
  double brain() const { return brain_; }
  /// 1 inside the ventricles, 0 outside.
  double ventricles(Point p) const;
  /// Grey level at p, whose depth() the caller knows; `blur` is the width of edges (a pixel, in
  /// head units).
  double tissue(Point p, double depth_of_p, double blur) const;

 private:
  enum class Level { low, middle, high };

  double brain_tissue(Point p, double depth_of_p) const;
  double clefts(Point p, double depth_of_p) const;
  double calcified(Point p) const;
  double skull_base(Point p, double blur) const;
  double bone_at(double angle) const;

  Level level_;
  double half_width_, egg_, wobble_, wobble_phase_, scalp_, skull_, skull_bulge_;
  double scalp_level_, brain_, white_matter_, fluid_, atrophy_, asymmetry_, midline_bend_;
  double ventricle_size_, falx_, pineal_, choroid_left_, choroid_right_, sinus_;
  NoiseField coarse_, fine_, folds_;
};

}  // namespace ganymede::phantom
