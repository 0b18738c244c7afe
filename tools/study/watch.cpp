#include <ganymede/tools/study/watch.h>

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/image_features.h>

#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/recipe_features.h>

namespace ganymede::study {
namespace {

constexpr std::size_t fewest = 50;  // a side, below which a KID says too little
constexpr std::size_t most = 1000;  // what KID's subsets take

/// Images at even distances in the list, `most` of them at most.
HeldOut thinned(const HeldOut& all) {
  const std::size_t n = std::min(most, all.images.size());
  HeldOut some;
  for (std::size_t i = 0; i < n; ++i) {
    some.images.push_back(all.images[i * all.images.size() / n]);
    some.labels.push_back(all.labels[i * all.labels.size() / n]);
  }
  return some;
}

std::vector<Image> generated(GanTraining& training, const std::vector<int>& per_class, int bits,
                             std::uint64_t seed) {
  Rng noise(seed, "watch");  // anew each time: what differs between looks is the generator
  std::vector<Image> images;
  for (std::size_t k = 0; k < per_class.size(); ++k)
    if (per_class[k] > 0)
      for (Image& image :
           to_images(training.sample_now(per_class[k], noise, static_cast<int>(k)), bits))
        images.push_back(std::move(image));
  return images;
}

/// What looks compare images by.
std::shared_ptr<FeatureExtractor> extractor_of(const Recipe& recipe, const Image& image) {
  return recipe_features(recipe, "watch.features",
                         {image.height(), image.width(), image.channels()});
}

quality::Features features_of(FeatureExtractor& extractor, const std::vector<Image>& images) {
  const std::vector<float> values = to_values(images);
  const Image& first = images.front();
  return image_features(extractor, {values, static_cast<int>(images.size()), first.height(),
                                    first.width(), first.channels()});
}

}  // namespace

GanWatch watch_rules(const Recipe& r) {
  GanWatch rules{.every = r.integer("watch.every"),
                 .keep_best = r.flag("watch.keep_best"),
                 .patience = static_cast<int>(r.integer("watch.patience")),
                 .distance = {}};
  if (rules.every == 0 && (rules.keep_best || rules.patience > 0))
    throw SettingError(
        "watch.keep_best and watch.patience go by looks at the generator; set watch.every above 0");
  return rules;
}

void start_watch(GanTraining& training, const Recipe& recipe, const HeldOut& held_out,
                 std::uint64_t seed) {
  GanWatch watch = watch_rules(recipe);
  if (watch.every == 0 || held_out.images.size() < fewest) return;
  const HeldOut some = thinned(held_out);
  std::vector<int> per_class(std::size_t(*std::ranges::max_element(some.labels)) + 1);
  for (int label : some.labels) ++per_class[std::size_t(label)];
  const auto extractor = extractor_of(recipe, some.images[0]);
  const auto reals =
      std::make_shared<const quality::Features>(features_of(*extractor, some.images));
  watch.distance = [=, bits = some.images[0].bits()](GanTraining& now) {
    return quality::kid(features_of(*extractor, generated(now, per_class, bits, seed)), *reals)
        .mean;
  };
  training.watch(std::move(watch));
}

nlohmann::ordered_json watch_record(const GanTraining& training, const Recipe& recipe,
                                    const HeldOut& held_out) {
  if (recipe.integer("watch.every") == 0) return nullptr;
  const WatchHistory* found = training.watched();
  if (!found)
    return {{"reason", fmt::format("{} images are held out; a KID wants {} a side",
                                   held_out.images.size(), fewest)}};
  nlohmann::ordered_json record{{"iteration", found->iteration},
                                {"kid", found->distance},
                                {"feature", extractor_of(recipe, held_out.images[0])->info().name},
                                {"n", std::min(most, held_out.images.size())}};
  const std::ptrdiff_t best = found->best();
  const bool kept = recipe.flag("watch.keep_best") && best >= 0;
  record["kept"] = kept ? nlohmann::ordered_json(found->iteration[std::size_t(best)])
                        : nlohmann::ordered_json(nullptr);
  record["ended_early"] = training.done() < training.iterations();
  return record;
}

}  // namespace ganymede::study
