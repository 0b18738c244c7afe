#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/ranking.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

struct Sides {
  double positives = 0;
  double others = 0;
};

Sides count_sides(const char* who, std::span<const double> scores, std::span<const int> labels,
                  int positive) {
  if (scores.size() != labels.size())
    throw ShapeError(fmt::format("{}: {} scores, {} labels", who, scores.size(), labels.size()));
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (std::isnan(scores[i])) throw DataError(fmt::format("{}: score {} is NaN", who, i));
  Sides sides;
  for (const int label : labels) ++(label == positive ? sides.positives : sides.others);
  if (sides.positives == 0 || sides.others == 0)
    throw DataError(fmt::format("{}: {} images of class {} and {} others; it needs both", who,
                                sides.positives, positive, sides.others));
  return sides;
}

/// The true positive rates of a curve just before and just after `rate`; equal but at a jump.
std::pair<double, double> heights_at(const std::vector<RocPoint>& curve, double rate) {
  std::size_t first = 0, last = curve.size() - 1;
  while (curve[first].false_positive_rate < rate) ++first;
  while (curve[last].false_positive_rate > rate) --last;
  if (first <= last) return {curve[first].true_positive_rate, curve[last].true_positive_rate};
  const RocPoint &left = curve[last], &right = curve[first];
  const double share =
      (rate - left.false_positive_rate) / (right.false_positive_rate - left.false_positive_rate);
  const double height =
      left.true_positive_rate + share * (right.true_positive_rate - left.true_positive_rate);
  return {height, height};
}

double middle_of(double low, double high) { return low + (high - low) / 2; }

}  // namespace

std::vector<int> sorted_order(std::span<const double> values) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return values[a] < values[b]; });
  return order;
}

std::vector<double> midranks(std::span<const double> values) {
  const auto order = sorted_order(values);
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = double(begin + 1 + end) / 2;  // mean of begin+1 .. end
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

double auc(std::span<const double> scores, std::span<const int> labels, int positive) {
  const Sides sides = count_sides("auc", scores, labels, positive);
  const auto ranks = midranks(scores);
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] == positive) sum += ranks[i];
  const double least = sides.positives * (sides.positives + 1) / 2;
  return (sum - least) / (sides.positives * sides.others);
}

double macro_auc(std::span<const double> scores, std::span<const int> labels, int classes) {
  if (scores.size() != labels.size() * std::size_t(classes))
    throw ShapeError(fmt::format("macro_auc: {} scores for {} labels of {} classes", scores.size(),
                                 labels.size(), classes));
  std::vector<double> column(labels.size());
  double sum = 0;
  for (int c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < labels.size(); ++i) column[i] = scores[i * classes + c];
    sum += auc(column, labels, c);
  }
  return sum / classes;
}

std::vector<RocPoint> roc_curve(std::span<const double> scores, std::span<const int> labels,
                                int positive) {
  const Sides sides = count_sides("roc_curve", scores, labels, positive);
  const auto order = sorted_order(scores);
  std::vector<RocPoint> curve{{std::numeric_limits<double>::infinity(), 0, 0}};
  Sides above;
  for (std::size_t i = order.size(); i-- > 0;) {
    ++(labels[order[i]] == positive ? above.positives : above.others);
    if (i > 0 && scores[order[i - 1]] == scores[order[i]]) continue;
    curve.push_back(
        {scores[order[i]], above.others / sides.others, above.positives / sides.positives});
  }
  return curve;
}

std::vector<RocPoint> mean_roc(std::span<const std::vector<RocPoint>> curves) {
  if (curves.empty()) throw DataError("mean_roc: there is no curve");
  std::set<double> rates;
  for (const auto& curve : curves)
    for (const auto& point : curve) rates.insert(point.false_positive_rate);
  std::vector<RocPoint> mean;
  for (const double rate : rates) {
    double before = 0, after = 0;
    for (const auto& curve : curves) {
      const auto [low, high] = heights_at(curve, rate);
      before += low / double(curves.size());
      after += high / double(curves.size());
    }
    for (const double height : {before, after})
      mean.push_back({std::numeric_limits<double>::quiet_NaN(), rate, height});
  }
  return mean;
}

ThresholdChoice choose_threshold(std::span<const double> scores, std::span<const int> labels,
                                 int positive) {
  const auto curve = roc_curve(scores, labels, positive);
  ThresholdChoice best{.5, 0, 0, -2};
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const bool last = i + 1 == curve.size();
    const double at = curve[i].threshold;
    const double threshold = last ? at : middle_of(curve[i + 1].threshold, at);
    const double youden = curve[i].true_positive_rate - curve[i].false_positive_rate;
    const double nearer = std::abs(best.threshold - .5) - std::abs(threshold - .5);
    // The curve runs from high thresholds to low ones, so the lower one wins at equal distance.
    if (youden > best.youden || (youden == best.youden && nearer >= 0))
      best = {threshold, curve[i].true_positive_rate, 1 - curve[i].false_positive_rate, youden};
  }
  return best;
}

std::vector<int> apply_threshold(std::span<const double> scores, double threshold, int positive,
                                 int negative) {
  std::vector<int> result;
  result.reserve(scores.size());
  for (const double score : scores) result.push_back(score >= threshold ? positive : negative);
  return result;
}

}  // namespace ganymede::quality
