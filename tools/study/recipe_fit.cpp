#include <ganymede/tools/study/recipe_fit.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/fitting_recipe.h>

namespace ganymede::study {
namespace {

/// A setting that the set does not bear, and the one to add instead.
struct Misfit {
  std::string why, mend;
};
using Misfits = std::vector<Misfit>;

bool is_detection(const Recipe& recipe) { return recipe.text("data.split") == "detection"; }

/// Parts were published with some of the images at least; who lacks one is named elsewhere.
bool has_parts(const Dataset& dataset) {
  return std::ranges::any_of(dataset.samples, [](const Sample& s) { return !s.split.empty(); });
}

/// The class that detectors learn, or the near one of this set; empty where none is near.
std::string learnt(const Dataset& dataset, const Recipe& recipe) {
  const std::string& asked = recipe.text("detect.train_class");
  const bool known = std::ranges::find(dataset.classes, asked) != dataset.classes.end();
  return known ? asked : nearest_name(asked, dataset.classes);
}

void add_counts(const Dataset& dataset, const Recipe& recipe, Misfits& misfits) {
  const std::vector<double>& counts = recipe.numbers("data.counts");
  const std::string of_class = is_detection(recipe) ? learnt(dataset, recipe) : "";
  if (counts.empty() || (is_detection(recipe) && of_class.empty())) return;
  const auto images = std::ranges::count_if(
      dataset.samples, [&](const Sample& s) { return of_class.empty() || s.label == of_class; });
  if (std::accumulate(counts.begin(), counts.end(), 0.0) <= double(images)) return;
  misfits.push_back(
      {fmt::format("data.counts = [{}], but {} has {} images", fmt::join(counts, ", "),
                   of_class.empty() ? "the set" : "class '" + of_class + "'", images),
       "data.counts=none"});
  if (!of_class.empty() && of_class != recipe.text("detect.train_class"))
    misfits.push_back({"detect.train_class = " + recipe.text("detect.train_class") +
                           ", but the classes are " + joined(dataset.classes, ", "),
                       quoted("detect.train_class=" + of_class)});
}

Misfits part_misfits(const Dataset& dataset, const Recipe& recipe) {
  Misfits misfits;
  if (recipe.text("data.split") != "published")
    add_counts(dataset, recipe, misfits);
  else if (!has_parts(dataset))
    misfits.push_back(
        {"data.split = published, but the images came without parts", "data.split=stratified"});
  return misfits;
}

bool has_nothing_to_fill(const Dataset& dataset, const Recipe& recipe) {
  const std::vector<int> counts = class_counts(dataset);
  return recipe.text("balance.plan") == "fill" &&
         std::ranges::adjacent_find(counts, std::ranges::not_equal_to()) == counts.end();
}

}  // namespace

void require_fit(const Dataset& dataset, const Recipe& recipe, bool own_parts, bool fakes) {
  if (own_parts) return;
  Misfits misfits = part_misfits(dataset, recipe);
  if (misfits.empty()) return;
  if (fakes && has_nothing_to_fill(dataset, recipe))
    misfits.push_back(
        {"balance.plan = fill, but all classes have equally many images", "balance.plan=per_real"});
  std::string why, mend;
  for (const Misfit& misfit : misfits) {
    why += (why.empty() ? "" : "; ") + misfit.why;
    mend += " --set " + misfit.mend;
  }
  throw SettingError(fmt::format("recipe '{}' does not fit {} as it is: {}. Add{}", recipe.name(),
                                 dataset.root, why, mend));
}

}  // namespace ganymede::study
