#pragma once

#include <string>
#include <vector>

namespace ganymede::study {

/// What a classifier is trained on in one arm of the study. Steps, batch size and validation trials
/// are the same for all.
struct Arm {
  std::string name;
  bool reals = true, fakes = false, classic = false;
  bool unselected = false;    ///< the first fakes that the audit lets pass, not the selected ones
  bool by_detector = false;   ///< the fakes are the detector's own (paper 002's control)
  bool repeat_reals = false;  ///< reals repeated to the numbers that reals and fakes have together
};

/// none, classic, gan, unselected, oversample, the last three with classic+ before them too,
/// fakes-only and, for detectors, anogan. Throws SettingError that lists them.
Arm arm_of(const std::string& name);
std::vector<Arm> arms_of(const std::vector<std::string>& names);
/// Adds the control of the arm "gan" or "classic+gan" ("unselected" or "oversample", with classic+
/// where the arm has it) where the arm is among `arms` and the control is not.
void add_control(std::vector<Arm>& arms, const std::string& of, const std::string& control);
bool any_fakes(const std::vector<Arm>& arms);

}  // namespace ganymede::study
