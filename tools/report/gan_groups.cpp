#include <ganymede/tools/report/gan_groups.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string name_of(const GanGroup& group, const Json& run) {
  if (group.classes.size() == 1) return class_in_words(group.classes.front());
  if (group.classes.size() == part(run, "gan").size()) return "all classes";
  return "classes " + in_words(Json(group.classes));
}

}  // namespace

std::vector<GanGroup> gan_groups(const Json& run) {
  std::vector<GanGroup> groups;
  for (const auto& [of_class, gan] : part(run, "gan").items()) {
    const Json& name = part(gan, "name");
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const GanGroup& group) {
      return !name.is_null() && part(*group.records.front(), "name") == name;
    });
    GanGroup& group = same == groups.end() ? groups.emplace_back() : *same;
    group.classes.push_back(of_class);
    group.records.push_back(&gan);
  }
  for (auto& group : groups) group.name = name_of(group, run);
  return groups;
}

bool is_wasserstein(const Json& gan) { return part(gan, "objective") == Json("wasserstein"); }

std::string judge_of(const Json& gan) { return is_wasserstein(gan) ? "critic" : "discriminator"; }

std::string kind_in_words(const Json& gan) {
  const Json& trained_on = part(gan, "trained_on");
  std::string text;
  if (is_wasserstein(gan)) text = "Wasserstein";
  if (part(gan, "objective") == Json("least_squares")) text = "least squares";
  if (part(gan, "conditional") == Json(true))
    text += text.empty() ? "conditional" : ", conditional";
  else if (trained_on.size() > 1)
    text += (text.empty() ? "" : ", ") + std::string("labelled afterwards");
  return text;
}

}  // namespace ganymede::report
