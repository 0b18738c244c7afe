#include <ganymede/tools/study/recognition.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/inception_score.h>
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
  return {{"fakes", shares_json(counts.fakes.seen, true, of)},
          {"reals", shares_json(counts.reals.seen, false, of)}};
}

Json score_json(const Answers& answers, int classes) {
  if (answers.probabilities.empty()) return nullptr;
  double sum = 0;
  Json per_seed = Json::array();
  for (const std::vector<float>& seed : answers.probabilities) {
    if (seed.empty()) return nullptr;
    const double score = quality::inception_score(seed, classes, 1).mean;
    sum += score;
    per_seed.push_back(score);
  }
  return {{"mean", sum / double(answers.probabilities.size())}, {"per_seed", per_seed}};
}

const ArmResults* of_reals(const Context& c, const TestResults& test, const std::string& network) {
  if (const ArmResults* none = test.find("none", network)) return none;
  for (const Arm& arm : c.arms)
    if (!arm.fakes && arm.reals)
      if (const ArmResults* found = test.find(arm.name, network)) return found;
  return nullptr;
}

/// Rows of probabilities; the score of two classes is that of the positive one.
void append(std::vector<float>& rows, const std::vector<double>& scores, int classes) {
  for (const double score : scores) {
    if (classes == 2) rows.push_back(float(1 - score));
    rows.push_back(float(score));
  }
}

/// Adds what a unit's classifier says of all its fakes, whatever became of them.
void ask_about_fakes(const Context& c, const ClassifierResult& trained,
                     const std::vector<Synthesis>& fakes, Confusion& seen,
                     std::vector<float>& probabilities) {
  const auto classifier = load_classifier(c.folder->file(trained.file)).network;
  std::vector<int> truth, predicted;
  for (const Synthesis& s : fakes) {
    if (s.images.empty()) continue;
    const quality::Predictions p = predict_images(c, *classifier, trained, s.images);
    truth.insert(truth.end(), s.images.size(), s.of_class);
    predicted.insert(predicted.end(), p.predicted.begin(), p.predicted.end());
    append(probabilities, p.scores, c.data.classes());
  }
  seen += quality::confusion_matrix(truth, predicted, c.data.classes());
}

Answers about_fakes(const Context& c, const Fakes& fakes, const ArmResults& arm) {
  const int classes = c.data.classes();
  const auto none = Confusion{classes, std::vector<std::int64_t>(std::size_t(classes * classes))};
  Answers answers{std::vector(arm.seeds.size(), none),
                  std::vector<std::vector<float>>(arm.seeds.size())};
  const std::vector<Unit> units = c.units();  // folds of one repeat count together
  for (std::size_t u = 0; u < units.size(); ++u) {
    const auto seed = std::size_t(units[u].repeat);
    ask_about_fakes(c, arm.classifiers[u], fakes[u], answers.seen[seed],
                    answers.probabilities[seed]);
  }
  return answers;
}

Answers about_reals(const Context& c, const TestResults& test, const ArmResults& arm) {
  Answers answers;
  for (const quality::Predictions& seed : arm.seeds) {
    answers.seen.push_back(
        quality::confusion_matrix(test.truth.labels, seed.predicted, c.data.classes()));
    append(answers.probabilities.emplace_back(), seed.scores, c.data.classes());
  }
  return answers;
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
  if (counts.fakes.seen.empty() || counts.reals.seen.empty())
    throw DataError("recognition: there is no seed to measure");
  const int n = static_cast<int>(classes.size());
  Confusion sum{n, std::vector<std::int64_t>(classes.size() * classes.size())};
  for (const Confusion& seed : counts.fakes.seen) sum += seed;
  Json record;
  for (int k = 0; k < n; ++k)
    record["classes"][classes[std::size_t(k)]] =
        both_json(counts, [k](const Confusion& c) { return share_of_class(c, k); });
  record["accuracy"] = both_json(counts, share_of_all);
  record["inception_score"] = {{"fakes", score_json(counts.fakes, n)},
                               {"reals", score_json(counts.reals, n)}};
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
    record[network].update(recognition_json(
        {about_fakes(c, fakes, *arm), about_reals(c, test, *arm)}, c.data.dataset.classes));
  }
  return record;
}

}  // namespace ganymede::study
