#include <ganymede/tools/study/requirements.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/classifier_unit.h>
#include <ganymede/tools/study/memory_estimate.h>
#include <ganymede/tools/study/recipe_features.h>
#include <ganymede/tools/study/selector.h>
#include <ganymede/tools/study/training_set.h>
#include <ganymede/tools/study/watch.h>

namespace ganymede::study {
namespace {

namespace fs = std::filesystem;

void require_copies(const Recipe& recipe) {
  if (!augments_by_copies(recipe)) return;
  copy_options(recipe);
  const std::vector<double>& strengths = recipe.numbers("classic.strengths");
  if (strengths != std::vector{1.0})
    throw SettingError(
        "classic.strengths: classic.mode = copies has no amounts that a strength could scale, so "
        "there is one trial; set classic.strengths=[1.0]");
}

void require_for_detectors(const Context& c) {
  const Recipe& r = c.recipe;
  require_valid(detector_options(r, c.data.channels));
  require_memory(detector_options(r, c.data.channels));
  require_valid(search_options(r));
  require_valid(augmentation_search_options(r));
  if (r.text("detect.search") == "encoder") require_valid(encoder_options(r, c.data.channels));
  if (r.text("study.metric") != "auc")
    throw SettingError("study.metric: detectors are compared by their AUC; set study.metric=auc");
  if (r.text("gan.labels") != "per_class")
    throw SettingError("gan.labels: a detector's class has a GAN of its own; set per_class");
  if (r.text("balance.plan") != "per_real" || !r.numbers("select.keep").empty())
    throw SettingError(
        "balance.plan, select.keep: in a detection study there is a generated image for each one "
        "that is searched for; leave both at their defaults");
  if (needs_selector(r))
    throw SettingError(
        "select.by: a classifier cannot choose among images of one class; leave 'classifier' out");
}

void require_for_classifiers(const Context& c) {
  classifier_options(c.recipe);
  training_steps(c);
  for (const Arm& arm : c.arms)
    if (arm.by_detector)
      throw SettingError("study.arms: '" + arm.name +
                         "' is an arm of detectors; it wants data.split = \"detection\"");
  require_balance(c);
  if (classifier_options(c.recipe).freeze_base && c.recipe.text("classifier.weights").empty())
    throw SettingError(
        "classifier.freeze: 'base' keeps the weights of classifier.weights, which names no file; "
        "name one, or set classifier.freeze=none");
  require_weights(c);
}

void require_settings(const Context& c) {
  const GanOptions gan = gan_options(c.recipe, c.data.channels);
  require_valid(gan);
  if (any_fakes(c.arms)) require_memory(gan);
  require_copies(c.recipe);
  watch_rules(c.recipe);
  require_features(c.recipe, c.data);
  const std::string& weights = c.recipe.text("classifier.weights");
  if (!weights.empty() && !fs::exists(weights))
    throw FileError(fmt::format("classifier.weights: there is no file '{}'", weights));
  is_detection(c.recipe) ? require_for_detectors(c) : require_for_classifiers(c);
  const std::vector<std::string>& primary = c.recipe.texts("study.primary");
  if (primary.size() != 2)
    throw SettingError("study.primary: expects two arms, the one in question first");
  const Arm arm = arm_of(primary[0]), baseline = arm_of(primary[1]);
  if (!arm.fakes && baseline.fakes)
    throw SettingError(fmt::format(
        "study.primary: '{0}' has no generated images and '{1}' has, so that \"helps\" would say "
        "that they hurt; name the arm in question first: [\"{1}\", \"{0}\"]",
        arm.name, baseline.name));
}

/// The audit compares a fake's distances with those between training images of different patients.
void require_two_patients(const Context& c, int fold, int k) {
  if (!any_fakes(c.arms)) return;
  const std::vector<int> groups = c.data.groups_of(c.data.samples(fold, Part::train, k));
  const std::set<int> patients(groups.begin(), groups.end());
  if (patients.size() >= 2) return;
  throw DataError(fmt::format(
      "{}: all training images of class '{}'{} are of one patient; the audit of "
      "its fakes needs two; mend: images of more patients, or other data.fractions",
      c.data.dataset.root, c.class_name(k), c.folds > 1 ? fmt::format(" in fold {}", fold) : ""));
}

/// A detector learns from images of its class, and is asked of both kinds.
void require_both_kinds(const Context& c) {
  const int learnt = learnt_class(c.data, c.recipe);
  const auto own = c.data.samples(0, Part::test, learnt).size();
  const auto few = [&](const char* what, std::size_t n, std::size_t wanted) {
    if (n < wanted)
      throw DataError(
          fmt::format("{}: {} {} images, {} needed; mend: more images, or other "
                      "data.counts or data.fractions",
                      c.data.dataset.root, n, what, wanted));
  };
  few("training", c.data.samples(0, Part::train, learnt).size(), 2);
  few(("'" + c.class_name(learnt) + "' test").c_str(), own, 1);
  few("other test", c.data.samples(0, Part::test).size() - own, 1);
  require_two_patients(c, 0, learnt);
}

/// Each part needs each class: training to learn it, validation to choose by it, test to judge it.
void require_every_class(const Context& c) {
  const std::size_t fewest_to_train = any_fakes(c.arms) ? 2 : 1;  // one image has no diversity
  for (int fold = 0; fold < c.folds; ++fold)
    for (int k = 0; k < c.data.classes(); ++k)
      for (const Part part : all_parts) {
        const std::size_t n = c.data.samples(fold, part, k).size();
        const std::size_t wanted = part == Part::train ? fewest_to_train : 1;
        if (n >= wanted) continue;
        throw DataError(fmt::format(
            "{}: class '{}' has {} image{} in the {} part{}, {} needed; mend: more images of that "
            "class, or other data.fractions",
            c.data.dataset.root, c.class_name(k), n, n == 1 ? "" : "s", name_of(part),
            c.folds > 1 ? fmt::format(" of fold {}", fold) : "", wanted));
      }
  for (int fold = 0; fold < c.folds; ++fold)
    for (int k = 0; k < c.data.classes(); ++k)
      if (wanted_fakes(c, fold)[std::size_t(k)] > 0) require_two_patients(c, fold, k);
}

}  // namespace

void require_trainable(const Context& c) {
  require_settings(c);
  is_detection(c.recipe) ? require_both_kinds(c) : require_every_class(c);
}

void require_outside(const std::string& out, const std::string& data) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(out, error),
                 outer = fs::weakly_canonical(data, error);
  if (error || !fs::is_directory(outer, error)) return;
  const auto [end, _] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  if (end == outer.end())
    throw SettingError(fmt::format(
        "--out {} lies in the data folder {}: its images would be taken for real ones; take a "
        "folder elsewhere",
        out, data));
}

}  // namespace ganymede::study
