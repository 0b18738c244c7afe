#pragma once

#include <string>
#include <vector>

namespace ganymede::study {

/// What a classifier is trained on in one arm of the study. Steps, batch size and validation trials
/// are the same for all.
struct Arm {
  std::string name;
  bool reals = true, fakes = false, classic = false;
  bool repeat_reals = false;  ///< reals repeated to the numbers that reals and fakes have together
};

/// none, classic, gan, classic+gan, fakes-only, oversample. Throws SettingError that lists them.
Arm arm_of(const std::string& name);
std::vector<Arm> arms_of(const std::vector<std::string>& names);
bool any_fakes(const std::vector<Arm>& arms);

}  // namespace ganymede::study
