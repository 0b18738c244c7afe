#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ganymede::quality {

/// What a study measures on the test part. `auc` is the macro one-vs-rest AUC for several classes,
/// `f1` the macro F1; sensitivity and specificity want two classes.
enum class Metric { accuracy, balanced_accuracy, auc, f1, sensitivity, specificity, kappa };

/// "accuracy", "balanced_accuracy", ... as in recipes and run.json.
std::string to_string(Metric metric);

/// Throws SettingError naming the known metrics.
Metric metric_from_string(std::string_view name);

/// The metrics a run of that many classes reports.
std::vector<Metric> reported_metrics(int classes);

/// The test images, common to all arms and seeds.
struct TestSamples {
  std::vector<int> labels;  ///< 0 .. classes-1
  std::vector<int> groups;  ///< patient of each image; empty: each image stands alone
  std::vector<int> folds;   ///< test part of each image under --folds; empty: one part
  int classes = 2;
  int positive = 1;
};

/// What one trained classifier says about them.
struct Predictions {
  std::vector<double> scores;  ///< two classes: of the positive one (n); more: n x classes
  std::vector<int> predicted;  ///< decided class of each image (n); may be empty for auc
};

/// One metric of one classifier, ready to be taken again and again under other multiplicities of
/// the images. With folds it is the mean over the folds, weighted by their images: scores of
/// classifiers trained on different folds share no scale and are never ranked together.
class MetricEvaluator {
 public:
  /// Throws ShapeError where lengths differ, DataError where a label is outside the classes or a
  /// fold lacks a class that the metric needs. `samples` and `predictions` must outlive it.
  MetricEvaluator(Metric metric, const TestSamples& samples, const Predictions& predictions);
  ~MetricEvaluator();
  MetricEvaluator(MetricEvaluator&&) noexcept;

  /// With image i counted counts[i] times.
  double operator()(std::span<const int> counts) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Each image counted once.
double evaluate(Metric metric, const TestSamples& samples, const Predictions& predictions);

}  // namespace ganymede::quality
