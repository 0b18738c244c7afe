#include <ganymede/tools/study/arms.h>

#include <algorithm>
#include <array>

#include <ganymede/kernels/error.h>

namespace ganymede::study {
namespace {

const std::array<Arm, 10> known{{
    {.name = "none"},
    {.name = "classic", .classic = true},
    {.name = "gan", .fakes = true},
    {.name = "classic+gan", .fakes = true, .classic = true},
    {.name = "unselected", .fakes = true, .unselected = true},
    {.name = "classic+unselected", .fakes = true, .classic = true, .unselected = true},
    {.name = "oversample", .repeat_reals = true},
    {.name = "classic+oversample", .classic = true, .repeat_reals = true},
    {.name = "fakes-only", .reals = false, .fakes = true},
    {.name = "anogan", .fakes = true, .by_detector = true},
}};

}  // namespace

Arm arm_of(const std::string& name) {
  const auto it = std::ranges::find(known, name, &Arm::name);
  if (it != known.end()) return *it;
  std::string names;
  for (const Arm& arm : known) names += (names.empty() ? "" : ", ") + arm.name;
  throw SettingError("study.arms: '" + name + "' is not an arm; known are " + names);
}

std::vector<Arm> arms_of(const std::vector<std::string>& names) {
  std::vector<Arm> arms;
  for (const std::string& name : names) {
    if (std::ranges::find(arms, name, &Arm::name) != arms.end())
      throw SettingError("study.arms: '" + name + "' is named twice");
    arms.push_back(arm_of(name));
  }
  if (arms.empty()) throw SettingError("study.arms: at least one arm is needed");
  return arms;
}

void add_control(std::vector<Arm>& arms, const std::string& of, const std::string& control) {
  if (of != "gan" && of != "classic+gan") return;
  const auto named = [&](const std::string& name) {
    return std::ranges::find(arms, name, &Arm::name) != arms.end();
  };
  const std::string name = (of == "gan" ? "" : "classic+") + control;
  if (named(of) && !named(name)) arms.push_back(arm_of(name));
}

bool any_fakes(const std::vector<Arm>& arms) { return std::ranges::any_of(arms, &Arm::fakes); }

}  // namespace ganymede::study
