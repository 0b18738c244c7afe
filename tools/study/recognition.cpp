#include <ganymede/tools/study/recognition.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/significance.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/tools/report/run_json.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;
using quality::Confusion;

/// Share and number of images of one seed.
struct Share {
  double share;
  std::int64_t images;
};

Share share_of_class(const Confusion& c, int k) {
  return {quality::sensitivity(c, k), c.of_class(k)};
}
Share share_of_all(const Confusion& c) { return {quality::accuracy(c), c.total()}; }

/// `other_images`: each seed has images of its own.
template <class Of>
Json shares_json(const std::vector<Confusion>& seeds, bool other_images, const Of& of) {
  double sum = 0;
  std::int64_t images = 0;
  Json per_seed = Json::array();
  for (const Confusion& confusion : seeds) {
    const Share s = of(confusion);
    if (s.images == 0) return nullptr;
    sum += s.share;
    images = other_images ? images + s.images : s.images;
    per_seed.push_back(s.share);
  }
  const double share = sum / double(seeds.size());
  const quality::Interval interval =
      quality::wilson_interval(share * double(images), double(images));
  return {{"share", share},
          {"low", interval.low},
          {"high", interval.high},
          {"n", images},
          {"per_seed", per_seed}};
}

template <class Of>
Json both_json(const Recognised& counts, const Of& of) {
  return {{"fakes", shares_json(counts.fakes, true, of)},
          {"reals", shares_json(counts.reals, false, of)}};
}

const ArmResults* of_reals(const Context& c, const TestResults& test, const std::string& network) {
  if (const ArmResults* none = test.find("none", network)) return none;
  for (const Arm& arm : c.arms)
    if (!arm.fakes && arm.reals)
      if (const ArmResults* found = test.find(arm.name, network)) return found;
  return nullptr;
}

/// All fakes of a unit, whatever became of them.
Confusion seen_in_fakes(const Context& c, const ArmResults& arm, std::size_t unit,
                        const std::vector<Synthesis>& fakes) {
  const auto classifier = load_classifier(c.folder->file(arm.classifiers[unit].file)).network;
  std::vector<int> truth, predicted;
  for (const Synthesis& s : fakes) {
    if (s.images.empty()) continue;
    const quality::Predictions p = predict_images(c, *classifier, arm.classifiers[unit], s.images);
    truth.insert(truth.end(), s.images.size(), s.of_class);
    predicted.insert(predicted.end(), p.predicted.begin(), p.predicted.end());
  }
  return quality::confusion_matrix(truth, predicted, c.data.classes());
}

Recognised recognised(const Context& c, const Fakes& fakes, const TestResults& test,
                      const ArmResults& arm) {
  const int classes = c.data.classes();
  const auto empty = Confusion{classes, std::vector<std::int64_t>(std::size_t(classes * classes))};
  Recognised counts{std::vector(arm.seeds.size(), empty), {}};
  const std::vector<Unit> units = c.units();  // folds of one repeat count together
  for (std::size_t u = 0; u < units.size(); ++u)
    counts.fakes[std::size_t(units[u].repeat)] += seen_in_fakes(c, arm, u, fakes[u]);
  for (const quality::Predictions& seed : arm.seeds)
    counts.reals.push_back(quality::confusion_matrix(test.truth.labels, seed.predicted, classes));
  return counts;
}

/// A fake has a class that it was made for, not one that a classifier gave it.
bool made_for_classes(const Context& c, const Fakes& fakes) {
  if (c.recipe.text("gan.labels") == "classifier") return false;
  return std::ranges::any_of(fakes, [](const std::vector<Synthesis>& unit) {
    return std::ranges::any_of(unit, [](const Synthesis& s) { return !s.images.empty(); });
  });
}

}  // namespace

Json recognition_json(const Recognised& counts, const std::vector<std::string>& classes) {
  if (counts.fakes.empty() || counts.reals.empty())
    throw DataError("recognition: there is no seed to measure");
  const int n = static_cast<int>(classes.size());
  Confusion sum{n, std::vector<std::int64_t>(classes.size() * classes.size())};
  for (const Confusion& seed : counts.fakes) sum += seed;
  Json record;
  for (int k = 0; k < n; ++k)
    record["classes"][classes[std::size_t(k)]] =
        both_json(counts, [k](const Confusion& c) { return share_of_class(c, k); });
  record["accuracy"] = both_json(counts, share_of_all);
  record["confusion"] = report::confusion_json(sum.counts, n);
  return record;
}

Json recognition_record(const Context& c, const Fakes& fakes, const TestResults& test) {
  Json record;
  if (!made_for_classes(c, fakes)) return record;
  for (const std::string& network : c.recipe.texts("classifier.networks")) {
    const ArmResults* arm = of_reals(c, test, network);
    if (!arm) continue;
    record[network] = {{"arm", arm->arm}};
    record[network].update(
        recognition_json(recognised(c, fakes, test, *arm), c.data.dataset.classes));
  }
  return record;
}

}  // namespace ganymede::study
