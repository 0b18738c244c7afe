#include <ganymede/tools/study/tested_classes.h>

#include <algorithm>

#include <fmt/format.h>

#include <ganymede/tools/study/classifier_unit.h>
#include <ganymede/tools/study/detection/record.h>

namespace ganymede::study {
namespace {

/// The arm of the primary comparison that the study has not, or "".
std::string missing_arm(const Context& c) {
  for (const std::string& name : c.recipe.texts("study.primary"))
    if (std::ranges::find(c.arms, name, &Arm::name) == c.arms.end()) return name;
  return "";
}

/// What the arm has and the baseline has not: the answer's subject.
std::string change_of(const Arm& arm, const Arm& baseline) {
  if (arm.fakes && !baseline.fakes) return quality::VerdictRules{}.change;
  return fmt::format("'{}' in place of '{}'", arm.name, baseline.name);
}

}  // namespace

quality::VerdictRules verdict_rules(const Context& c, bool quick) {
  const std::vector<std::string>& primary = c.recipe.texts("study.primary");
  return {.arm = primary[0],
          .baseline = primary[1],
          .change = change_of(arm_of(primary[0]), arm_of(primary[1])),
          .metric = is_detection(c.recipe)
                        ? quality::Metric::auc
                        : quality::metric_from_string(c.recipe.text("study.metric")),
          .classes = is_detection(c.recipe) ? 2 : c.data.classes(),
          .quick = quick,
          .alpha = c.recipe.number("study.alpha")};
}

std::vector<quality::TestedClass> tested_classes(const Context& c) {
  if (is_detection(c.recipe)) {
    const Tested tested = tested_images(c.data, c.recipe);
    return quality::tested_classes(tested.truth, {c.class_name(tested.learnt), "other classes"});
  }
  std::vector<int> samples;
  for (int fold = 0; fold < c.folds; ++fold)
    for (int i : c.data.samples(fold, Part::test)) samples.push_back(i);
  return quality::tested_classes(test_samples(c, samples), c.data.dataset.classes);
}

std::string no_question_because(const Context& c) {
  const std::string missing = missing_arm(c);
  if (missing.empty()) return "";
  const std::vector<std::string>& primary = c.recipe.texts("study.primary");
  return fmt::format(
      "no verdict is asked for: study.primary compares '{}' with '{}', and study.arms has no '{}'. "
      "Mend: add it, or name two of the arms in study.primary, the one in question first",
      primary[0], primary[1], missing);
}

std::string no_verdict_because(const Context& c) {
  if (!missing_arm(c).empty()) return "";
  const std::vector<quality::TestedClass> tested = tested_classes(c);
  const quality::VerdictRules rules;
  const std::string few = quality::few_patients_in_words(rules, tested);
  if (few.empty()) return "";
  const bool enough_in_all = std::ranges::all_of(
      tested, [&](const quality::TestedClass& k) { return k.patients >= rules.fewest_patients; });
  if (c.folds > 1) return few + ". Mend: more patients" + (enough_in_all ? ", or fewer folds" : "");
  return fmt::format(
      "{}. Mend: more patients, or a larger test part (data.fractions, data.counts{})", few,
      is_detection(c.recipe) ? "" : ", or --folds, which tests each image once");
}

}  // namespace ganymede::study
