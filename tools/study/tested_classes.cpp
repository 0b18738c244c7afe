#include <ganymede/tools/study/tested_classes.h>

#include <algorithm>

#include <fmt/format.h>

#include <ganymede/tools/study/classifier_unit.h>
#include <ganymede/tools/study/detection/record.h>

namespace ganymede::study {
namespace {

bool asks_for_verdict(const Context& c) {
  return std::ranges::all_of(c.recipe.texts("study.primary"), [&](const std::string& name) {
    return std::ranges::find(c.arms, name, &Arm::name) != c.arms.end();
  });
}

}  // namespace

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

std::string no_verdict_because(const Context& c) {
  if (!asks_for_verdict(c)) return "";
  const std::string few = quality::few_patients_in_words({}, tested_classes(c));
  if (few.empty()) return "";
  const bool may_fold = !is_detection(c.recipe) && c.folds == 1;
  return fmt::format(
      "{}. Mend: more patients, or a larger test part (data.fractions, data.counts{})", few,
      may_fold ? ", or --folds, which tests each image once" : "");
}

}  // namespace ganymede::study
