#include <ganymede/tools/study/requirements.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/training_set.h>

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

void require_settings(const Context& c) {
  require_valid(gan_options(c.recipe, c.data.channels));
  classifier_options(c.recipe);
  training_steps(c);
  require_copies(c.recipe);
  const std::vector<std::string>& primary = c.recipe.texts("study.primary");
  if (primary.size() != 2)
    throw SettingError("study.primary: expects two arms, the one in question first");
  for (const std::string& arm : primary) arm_of(arm);
  require_balance(c);
  const std::string& weights = c.recipe.text("classifier.weights");
  if (!weights.empty() && !fs::exists(weights))
    throw FileError(fmt::format("classifier.weights: there is no file '{}'", weights));
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
}

}  // namespace

void require_trainable(const Context& c) {
  require_settings(c);
  require_every_class(c);
}

void require_outside(const std::string& out, const std::string& data) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(out, error),
                 outer = fs::weakly_canonical(data, error);
  if (error || !fs::is_directory(outer)) return;
  const auto [end, _] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  if (end == outer.end())
    throw SettingError(fmt::format(
        "--out {} lies in the data folder {}: its images would be taken for real ones; take a "
        "folder elsewhere",
        out, data));
}

}  // namespace ganymede::study
