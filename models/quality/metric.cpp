#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/quality/metric.h>
#include <ganymede/models/quality/ranking.h>

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr std::pair<Metric, const char*> names[] = {
    {Metric::accuracy, "accuracy"},
    {Metric::balanced_accuracy, "balanced_accuracy"},
    {Metric::auc, "auc"},
    {Metric::f1, "f1"},
    {Metric::sensitivity, "sensitivity"},
    {Metric::specificity, "specificity"},
    {Metric::kappa, "kappa"}};

/// One class against the rest in one fold: its images by ascending score.
struct Ranking {
  int of_class;
  std::vector<int> images;
  std::vector<bool> tied_with_next;
};

struct Fold {
  std::vector<int> images;
  std::vector<Ranking> rankings;
};

double weighted_auc(const Ranking& ranking, std::span<const int> labels,
                    std::span<const int> counts) {
  double area = 0, others_below = 0, positives = 0;
  double tied_positives = 0, tied_others = 0;
  for (std::size_t i = 0; i < ranking.images.size(); ++i) {
    const int image = ranking.images[i];
    (labels[image] == ranking.of_class ? tied_positives : tied_others) += counts[image];
    if (ranking.tied_with_next[i]) continue;
    area += tied_positives * (others_below + tied_others / 2);
    positives += tied_positives;
    others_below += tied_others;
    tied_positives = tied_others = 0;
  }
  return area / (positives * others_below);
}

double from_confusion(Metric metric, const Confusion& confusion, int positive) {
  switch (metric) {
    case Metric::accuracy:
      return accuracy(confusion);
    case Metric::balanced_accuracy:
      return balanced_accuracy(confusion);
    case Metric::f1:
      return f1(confusion, positive);
    case Metric::sensitivity:
      return sensitivity(confusion, positive);
    case Metric::specificity:
      return specificity(confusion, positive);
    case Metric::kappa:
      return quadratic_kappa(confusion);
    case Metric::auc:
      break;
  }
  throw UsageError("auc is not a function of the confusion matrix");
}

void check(Metric metric, const TestSamples& samples, const Predictions& predictions) {
  const std::size_t n = samples.labels.size();
  const std::size_t columns = samples.classes == 2 ? 1 : samples.classes;
  const bool ranks = metric == Metric::auc;
  if (n == 0) throw DataError("there is no test image to measure on");
  for (const auto& [what, size] :
       {std::pair{"patients", samples.groups.size()}, std::pair{"folds", samples.folds.size()}})
    if (size != 0 && size != n)
      throw ShapeError(fmt::format("test samples: {} labels, {} {}", n, size, what));
  if (ranks ? predictions.scores.size() != n * columns : predictions.predicted.size() != n)
    throw ShapeError(fmt::format("{}: {} test images of {} classes, but {} scores and {} decisions",
                                 to_string(metric), n, samples.classes, predictions.scores.size(),
                                 predictions.predicted.size()));
  for (std::size_t i = 0; i < n; ++i)
    for (const int label : {samples.labels[i], ranks ? 0 : predictions.predicted[i]})
      if (label < 0 || label >= samples.classes)
        throw DataError(
            fmt::format("test image {}: class {} is outside 0..{}", i, label, samples.classes - 1));
}

Ranking rank_images(std::span<const int> images, int of_class, const TestSamples& samples,
                    const Predictions& predictions) {
  const int columns = samples.classes == 2 ? 1 : samples.classes;
  const int column = samples.classes == 2 ? 0 : of_class;
  std::vector<double> scores;
  std::vector<int> labels;
  for (const int image : images) {
    scores.push_back(predictions.scores[std::size_t(image) * columns + column]);
    labels.push_back(samples.labels[image]);
  }
  auc(scores, labels, of_class);  // throws where the class is missing or a score is NaN
  Ranking ranking{of_class, {}, {}};
  const auto order = sorted_order(scores);
  for (std::size_t i = 0; i < order.size(); ++i) {
    ranking.images.push_back(images[order[i]]);
    ranking.tied_with_next.push_back(i + 1 < order.size() &&
                                     scores[order[i]] == scores[order[i + 1]]);
  }
  return ranking;
}

}  // namespace

std::string to_string(Metric metric) {
  for (const auto& [known, name] : names)
    if (known == metric) return name;
  return "unknown";
}

Metric metric_from_string(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& [metric, text] : names) {
    if (name == text) return metric;
    known.emplace_back(text);
  }
  throw SettingError(
      fmt::format("unknown metric \"{}\": expected one of {}", name, join(known, ", ")));
}

std::vector<Metric> reported_metrics(int classes) {
  std::vector<Metric> result{Metric::accuracy, Metric::balanced_accuracy, Metric::auc, Metric::f1};
  if (classes == 2)
    result.insert(result.end(), {Metric::sensitivity, Metric::specificity});
  else
    result.push_back(Metric::kappa);
  return result;
}

struct MetricEvaluator::State {
  Metric metric;
  const TestSamples& samples;
  const Predictions& predictions;
  std::vector<Fold> folds;

  double of_fold(const Fold& fold, std::span<const int> counts) const {
    if (metric == Metric::auc) {
      double sum = 0;
      for (const auto& ranking : fold.rankings)
        sum += weighted_auc(ranking, samples.labels, counts);
      return sum / double(fold.rankings.size());
    }
    Confusion confusion{samples.classes,
                        std::vector<std::int64_t>(std::size_t(samples.classes) * samples.classes)};
    for (const int image : fold.images)
      confusion.counts[std::size_t(samples.labels[image]) * samples.classes +
                       predictions.predicted[image]] += counts[image];
    return from_confusion(metric, confusion, samples.positive);
  }
};

MetricEvaluator::MetricEvaluator(Metric metric, const TestSamples& samples,
                                 const Predictions& predictions)
    : state_(new State{metric, samples, predictions, {}}) {
  check(metric, samples, predictions);
  std::map<int, Fold> folds;
  for (std::size_t i = 0; i < samples.labels.size(); ++i)
    folds[samples.folds.empty() ? 0 : samples.folds[i]].images.push_back(int(i));
  for (auto& [number, fold] : folds) {
    for (int c = 0; metric == Metric::auc && c < samples.classes; ++c)
      if (samples.classes > 2 || c == samples.positive)
        fold.rankings.push_back(rank_images(fold.images, c, samples, predictions));
    state_->folds.push_back(std::move(fold));
  }
}

MetricEvaluator::~MetricEvaluator() = default;
MetricEvaluator::MetricEvaluator(MetricEvaluator&&) noexcept = default;

double MetricEvaluator::operator()(std::span<const int> counts) const {
  double sum = 0, weight = 0;
  for (const auto& fold : state_->folds) {
    double images = 0;
    for (const int image : fold.images) images += counts[image];
    sum += images * state_->of_fold(fold, counts);
    weight += images;
  }
  return sum / weight;
}

double evaluate(Metric metric, const TestSamples& samples, const Predictions& predictions) {
  const std::vector<int> once(samples.labels.size(), 1);
  return MetricEvaluator(metric, samples, predictions)(once);
}

}  // namespace ganymede::quality
