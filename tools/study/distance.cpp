#include <ganymede/tools/study/distance.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/models/image_features.h>
#include <ganymede/models/quality/frechet_estimate.h>
#include <ganymede/models/quality/set_size.h>

#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/recipe_features.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

struct Judge {
  std::unique_ptr<FeatureExtractor> extractor;
  std::string name;
};

Judge judge_of(const Context& c, const Unit& unit, const TestResults& test) {
  if (!c.recipe.text("study.features").empty()) {
    auto extractor =
        recipe_features(c.recipe, "study.features", {c.data.size, c.data.columns, c.data.channels});
    const std::string name = extractor->info().name;
    return {std::move(extractor), name};
  }
  if (test.arms.empty()) return {};
  const ArmResults& arm = test.arms.front();
  const std::vector<Unit> units = c.units();
  const auto at = std::ranges::find(units, unit.name, &Unit::name) - units.begin();
  return {network_features(c.folder->file(arm.classifiers[std::size_t(at)].file)),
          arm.network + " of arm '" + arm.arm + "', before its last stage"};
}

/// n of a list, at even distances.
template <class Value>
std::vector<Value> thinned(const std::vector<Value>& all, int n) {
  std::vector<Value> some;
  for (std::size_t i = 0; i < std::size_t(n); ++i)
    some.push_back(all[i * all.size() / std::size_t(n)]);
  return some;
}

quality::Features features_of(const Context& c, const Judge& judge,
                              const std::vector<Image>& images) {
  const std::vector<float> values = to_values(images);
  return image_features(*judge.extractor, image_set(c.data, values));
}

/// The class's images outside the test part.
std::vector<int> reals_of(const Context& c, const Unit& unit, int of_class) {
  std::vector<int> reals = c.data.samples(unit.fold, Part::train, of_class);
  const std::vector<int> more = c.data.samples(unit.fold, Part::validation, of_class);
  reals.insert(reals.end(), more.begin(), more.end());
  return reals;
}

/// What the recipe's paper reports; null where it reports none.
Json paper_record(const Context& c, const FeatureInfo& info) {
  const double distance = c.recipe.number("study.paper_distance");
  const auto dims = c.recipe.integer("study.paper_dims");
  if (distance == 0) return nullptr;
  return {{"value", distance}, {"d", dims}, {"comparable", info.fid && info.dims == dims}};
}

}  // namespace

Json distance_record(const Context& c, const Unit& unit, const GanJob& job, const Synthesis& s,
                     const TestResults& test) {
  const Judge judge = judge_of(c, unit, test);
  if (!judge.extractor) return nullptr;
  const std::vector<int> there = reals_of(c, unit, s.of_class);
  const int n = std::min<int>(int(there.size()), s.kept_count());
  const FeatureInfo& info = judge.extractor->info();
  Json record{{"fakes", nullptr},      {"untrained", nullptr},        {"feature", judge.name},
              {"resize", info.resize}, {"name", distance_name(info)}, {"n", n},
              {"d", info.dims}};
  if (Json paper = paper_record(c, info); !paper.is_null()) record["paper"] = paper;
  if (!quality::too_few_for_distance(n, n).empty()) {
    record["reason"] = fmt::format("{} images a side; a distance wants 50", n);
    return record;
  }
  const std::vector<int> reals = thinned(there, n);
  const quality::Features real = features_of(c, judge, c.data.images_of(reals));
  const auto untrained = untrained_gan(c, unit, job);
  Rng noise(unit.seed, "untrained");
  const std::vector<Image> drawn = to_images(untrained->sample(n, noise, s.of_class), c.data.bits);
  const auto fakes = quality::frechet_estimate(features_of(c, judge, thinned(s.kept(), n)), real,
                                               {}, c.data.groups_of(reals), {.seed = c.seed});
  record["fakes"] = fakes.distance;
  record["interval"] = {fakes.interval.low, fakes.interval.high};
  record["extrapolated"] = fakes.extrapolated;
  record["bias"] = fakes.fewer_than_dims() ? Json(fakes.bias) : Json(nullptr);
  record["untrained"] = quality::frechet_distance(features_of(c, judge, drawn), real);
  return record;
}

}  // namespace ganymede::study
