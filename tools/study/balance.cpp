#include <ganymede/tools/study/balance.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/allocate.h>
#include <ganymede/kernels/error.h>

#include <ganymede/tools/study/detection/augmentation_inputs.h>
#include <ganymede/tools/study/training_set.h>

namespace ganymede::study {
namespace {

std::vector<int> reals_of(const Context& c, int fold) {
  std::vector<int> reals;
  for (int k = 0; k < c.data.classes(); ++k)
    reals.push_back(int(c.data.samples(fold, Part::train, k).size()));
  return reals;
}

std::vector<int> whole(const std::vector<double>& numbers) {
  std::vector<int> result;
  for (double n : numbers) result.push_back(int(std::lround(n)));
  return result;
}

void require_one_per_class(const Context& c, const char* key, std::size_t numbers) {
  if (int(numbers) != c.data.classes())
    throw SettingError(fmt::format("{}: {} numbers for {} classes; one for each is needed", key,
                                   numbers, c.data.classes()));
}

}  // namespace

std::vector<int> wanted_fakes(const Context& c, int fold) {
  if (is_detection(c.recipe)) {
    std::vector<int> wanted(std::size_t(c.data.classes()));
    wanted[std::size_t(learnt_class(c.data, c.recipe))] =
        int(augmentation_inputs(c, Augmenter::gan).size());
    return wanted;
  }
  const std::vector<int> reals = reals_of(c, fold);
  const std::vector<int> keep = whole(c.recipe.numbers("select.keep"));
  if (keep.size() == 1) return apportion(keep[0], {reals.begin(), reals.end()});
  if (!keep.empty()) return keep;
  const std::string& plan = c.recipe.text("balance.plan");
  if (plan == "fixed") return whole(c.recipe.numbers("balance.fakes"));
  std::vector<int> wanted;
  for (int n : reals)
    wanted.push_back(plan == "fill" ? std::ranges::max(reals) - n
                                    : int(std::lround(c.recipe.number("select.per_real") * n)));
  return wanted;
}

bool changes_balance(const Recipe& recipe) {
  return recipe.text("balance.plan") != "per_real" || recipe.numbers("select.keep").size() > 1;
}

std::string balance_text(const Context& c) {
  const std::vector<int> reals = reals_of(c, 0), fakes = wanted_fakes(c, 0);
  std::string text;
  for (int k = 0; k < c.data.classes(); ++k)
    text += fmt::format("{}{} {} + {}", k ? ", " : "", c.class_name(k), reals[std::size_t(k)],
                        fakes[std::size_t(k)]);
  return text;
}

nlohmann::ordered_json balance_record(const Context& c, const Unit& unit,
                                      const std::vector<int>& kept) {
  const std::vector<int> reals = reals_of(c, unit.fold), wanted = wanted_fakes(c, unit.fold);
  const bool control = std::ranges::any_of(c.arms, &Arm::repeat_reals);
  auto rows = nlohmann::ordered_json::array();
  for (int k = 0; k < c.data.classes(); ++k) {
    rows.push_back({{"class", c.class_name(k)},
                    {"reals", reals[std::size_t(k)]},
                    {"wanted", wanted[std::size_t(k)]},
                    {"fakes", kept[std::size_t(k)]}});
    if (control) rows.back()["oversampled"] = wanted[std::size_t(k)];
  }
  nlohmann::ordered_json record{
      {"plan",
       c.recipe.numbers("select.keep").empty() ? c.recipe.text("balance.plan") : "select.keep"},
      {"unit", unit.name},
      {"rows", rows}};
  if (augments_by_copies(c.recipe)) record["copies"] = c.recipe.integer("classic.fake_copies");
  return record;
}

void require_balance(const Context& c) {
  const std::size_t keep = c.recipe.numbers("select.keep").size();
  const std::string& plan = c.recipe.text("balance.plan");
  if (keep && plan != "per_real")
    throw SettingError(fmt::format(
        "select.keep and balance.plan = \"{}\" both say how many fakes to keep; set one of them",
        plan));
  if (keep > 1) require_one_per_class(c, "select.keep", keep);
  if (plan == "fixed")
    require_one_per_class(c, "balance.fakes", c.recipe.numbers("balance.fakes").size());
  for (int fold = 0; fold < c.folds && any_fakes(c.arms); ++fold)
    if (std::ranges::max(wanted_fakes(c, fold)) == 0)
      throw SettingError(
          plan == "fill"
              ? "balance.plan = fill: all classes have equally many training images, so there is "
                "nothing to fill; add --set balance.plan=per_real, or choose other arms"
              : "select.per_real, select.keep or [balance] leave the arms with GAN images without "
                "any; choose other arms, or numbers above 0");
}

}  // namespace ganymede::study
