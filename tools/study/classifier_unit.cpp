#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/classifier_unit.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/weights.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/settings.h>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/study/classifier_json.h>
#include <ganymede/tools/study/training_set.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

std::vector<double> positive_scores(const Context& c, const std::vector<float>& probabilities) {
  const std::size_t classes = std::size_t(c.data.classes());
  if (classes > 2) return {probabilities.begin(), probabilities.end()};
  std::vector<double> scores;
  for (std::size_t i = std::size_t(c.data.positive); i < probabilities.size(); i += 2)
    scores.push_back(probabilities[i]);
  return scores;
}

quality::Predictions decide(const Context& c, std::vector<double> scores, double threshold) {
  quality::Predictions p{.scores = std::move(scores), .predicted = {}};
  p.predicted =
      c.data.classes() == 2
          ? quality::apply_threshold(p.scores, threshold, c.data.positive, 1 - c.data.positive)
          : quality::argmax_rows(p.scores, c.data.classes());
  return p;
}

/// Weights of our own say how their images were scaled; another scaling is another network.
void require_same_scaling(const Recipe& recipe, const std::string& weights) {
  const CheckpointReader reader(weights);
  if (reader.foreign() || !reader.has_text("recipe")) return;
  const Recipe theirs = Recipe::parse(reader.text("recipe"), "the recipe in '" + weights + "'");
  const std::string &was = theirs.text("classifier.scaling"),
                    &is = recipe.text("classifier.scaling");
  if (was != is)
    throw SettingError(
        fmt::format("classifier.weights '{}': trained with classifier.scaling = {}, not {}; mend: "
                    "--set classifier.scaling={}",
                    weights, was, is, was));
}

/// The network at the beginning of its training: with classifier.weights, if there are any.
std::unique_ptr<Classifier> untrained(const Context& c, const std::string& network,
                                      const Rng& rng) {
  auto classifier = make_classifier(c.recipe, network, c.data.channels, c.data.classes(), rng);
  const std::string& weights = c.recipe.text("classifier.weights");
  if (weights.empty()) return classifier;
  require_same_scaling(c.recipe, weights);
  const WeightOptions options{.head = "predictions"};
  refuse_partly_loaded(
      weights, load_weights(weights, *classifier, options),
      {network, options.head,
       "name in classifier.networks what the weights are of, and in classifier.variant whose "
       "(keras has a bias in every ResNet convolution, torchvision none)"});
  return classifier;
}

struct Trial {
  std::unique_ptr<Classifier> network;
  TrainedClassifier trained;
  double threshold = 0.5;
};

/// Runs one trial after the other and keeps the best.
class Trials {
 public:
  Trials(const Context& c, const Unit& unit, const Arm& arm, const std::string& network,
         const std::vector<Synthesis>& fakes)
      : c_(c),
        arm_(arm),
        network_(network),
        path_("classifier/" + arm.name + "/" + network + "/" + unit.name),
        seed_(unit.seed),
        title_(unit.name + ", " + network + " " + arm.name),
        training_(training_set(c, unit, arm, fakes)),
        validation_(resident(c.data, c.data.samples(unit.fold, Part::validation))),
        validation_samples_(test_samples(c, c.data.samples(unit.fold, Part::validation))) {
    if (c.recipe.flag("study.curves"))
      test_ = resident(c.data, c.data.samples(unit.fold, Part::test));
    validation_samples_.folds.clear();  // one part here, whatever the folds
  }

  int training_images() const { return int(training_.count()); }

  Trial run(int trial, double strength) const {
    const std::string path = path_ + "/trial" + std::to_string(trial);
    Trial t{.network = untrained(c_, network_, Rng(seed_, path)), .trained = {}};
    ClassifierOptions options = classifier_options(c_.recipe);
    options.steps = training_steps(c_);
    if (arm_.classic && !augments_by_copies(c_.recipe))
      options.classic = classic_options(c_.recipe, float(strength));
    options.watched = test_ ? &*test_ : nullptr;
    const Stoppable stoppable;
    Progress progress(title_ + ", trial " + std::to_string(trial + 1), options.steps,
                      options.batch);
    options.on_progress = [&](int step) {
      if (interrupt_requested())
        throw Interrupted(title_ +
                          " stopped; the same command goes on from the last finished classifier");
      progress.step(step);
    };
    const quality::Metric metric = quality::metric_from_string(c_.recipe.text("study.metric"));
    t.trained = train_classifier(
        *t.network, training_, validation_, options,
        [&](const std::vector<float>& probabilities, const std::vector<std::int32_t>&) {
          std::vector<double> scores = positive_scores(c_, probabilities);
          const double threshold = threshold_for(scores);
          return quality::evaluate(metric, validation_samples_,
                                   decide(c_, std::move(scores), threshold));
        },
        seed_, path);
    t.threshold =
        threshold_for(positive_scores(c_, predict(*t.network, validation_.images, options.input)));
    return t;
  }

 private:
  double threshold_for(const std::vector<double>& scores) const {
    if (c_.data.classes() != 2) return 0.5;
    return quality::choose_threshold(scores, validation_samples_.labels, c_.data.positive)
        .threshold;
  }

  const Context& c_;
  const Arm& arm_;
  std::string network_, path_;
  std::uint64_t seed_;
  std::string title_;
  ResidentSet training_, validation_;
  std::optional<ResidentSet> test_;  ///< for the curves alone: nothing here chooses by it
  quality::TestSamples validation_samples_;
};

}  // namespace

void require_weights(const Context& c) {
  if (c.recipe.text("classifier.weights").empty()) return;
  for (const std::string& network : c.recipe.texts("classifier.networks"))
    untrained(c, network, Rng(0, "unused"));
}

ClassifierResult train_arm(const Context& c, const Unit& unit, const Arm& arm,
                           const std::string& network, const std::vector<Synthesis>& fakes) {
  const std::string base = "classifiers/" + arm.name + "/" + network + "-" + unit.name;
  if (c.folder->has(base + ".json")) {
    const auto bytes = read_file(c.folder->file(base + ".json"));
    return classifier_result_from(Json::parse(bytes.begin(), bytes.end()));
  }
  const RunLog log(*c.folder);
  const Trials trials(c, unit, arm, network, fakes);
  const std::vector<double>& strengths = c.recipe.numbers("classic.strengths");
  std::optional<Trial> best;
  ClassifierResult result;
  result.file = base + ".h5";
  result.trials = int(strengths.size());
  for (int i = 0; i < result.trials; ++i) {
    const double strength = arm.classic ? strengths[std::size_t(i)] : 0.0;
    Trial trial = trials.run(i, strength);
    log.add(base, {{"trial", i},
                   {"strength", strength},
                   {"validation", trial.trained.best.validation_metric},
                   {"best_step", trial.trained.best.step}});
    if (best && trial.trained.best.validation_metric <= best->trained.best.validation_metric)
      continue;
    best = std::move(trial);
    result.trial = i;
    result.strength = strength;
  }
  result.threshold = best->threshold;
  result.validation_metric = best->trained.best.validation_metric;
  result.best_step = best->trained.best.step;
  result.steps = training_steps(c);
  result.training_images = trials.training_images();
  result.history = best->trained.history;
  SavedClassifier saved{.network = std::move(best->network),
                        .recipe = c.recipe,
                        .classes = c.data.dataset.classes,
                        .channels = c.data.channels,
                        .threshold = result.threshold,
                        .positive = c.data.positive};
  save_classifier(saved, network, c.folder->file(result.file));
  write_file(c.folder->file(base + ".json"), to_json(result).dump(1));  // last: it says "done"
  return result;
}

namespace {

quality::Predictions predict_set(const Context& c, Classifier& classifier,
                                 const ClassifierResult& result, const Tensor& images) {
  const int input = static_cast<int>(c.recipe.integer("classifier.input"));
  return decide(c, positive_scores(c, predict(classifier, images, input)), result.threshold);
}

}  // namespace

quality::Predictions predict_samples(const Context& c, Classifier& classifier,
                                     const ClassifierResult& result,
                                     const std::vector<int>& samples) {
  return predict_set(c, classifier, result, resident(c.data, samples).images);
}

quality::Predictions predict_images(const Context& c, Classifier& classifier,
                                    const ClassifierResult& result,
                                    const std::vector<Image>& images) {
  return predict_set(c, classifier, result, resident(c.data, images));
}

quality::TestSamples test_samples(const Context& c, const std::vector<int>& samples) {
  quality::TestSamples t{.labels = {},
                         .groups = {},
                         .folds = {},
                         .classes = c.data.classes(),
                         .positive = c.data.positive};
  for (int i : samples) {
    t.labels.push_back(c.data.dataset.samples[std::size_t(i)].class_index);
    t.groups.push_back(c.data.groups[std::size_t(i)]);
    if (!c.data.fold.empty()) t.folds.push_back(c.data.fold[std::size_t(i)]);
  }
  return t;
}

}  // namespace ganymede::study
