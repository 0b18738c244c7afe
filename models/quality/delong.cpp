#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/ranking.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

/// Share of the other side that each image beats: the structural components V10 and V01.
struct Components {
  std::vector<double> positives, others;
  double auc = 0;
};

Components components(std::span<const double> scores, std::span<const int> labels, int positive) {
  Components result;
  result.auc = auc(scores, labels, positive);  // checks the arguments too
  std::vector<double> x, y;
  for (std::size_t i = 0; i < scores.size(); ++i)
    (labels[i] == positive ? x : y).push_back(scores[i]);
  const auto all = midranks(scores), within_x = midranks(x), within_y = midranks(y);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] == positive)
      result.positives.push_back((all[i] - within_x[result.positives.size()]) / double(y.size()));
    else
      result.others.push_back(1 - (all[i] - within_y[result.others.size()]) / double(x.size()));
  }
  return result;
}

/// Variance of the mean of `values`; 0 for a single one, which has no spread to measure.
double variance_of_mean(std::span<const double> values) {
  const double n = double(values.size());
  if (n < 2) return 0;
  double mean = 0, sum = 0;
  for (const double value : values) mean += value;
  mean /= n;  // a sum of equal values stays exact: perfect separation has no variance at all
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / (n - 1) / n;
}

std::vector<double> minus(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(a.begin(), a.end());
  for (std::size_t i = 0; i < b.size(); ++i) result[i] -= b[i];
  return result;
}

/// Hanley and McNeil's variance of an AUC, both sides taken as large as their mean (Newcombe).
double hanley_mcneil(double auc, double positives, double others) {
  const double n = (positives + others) / 2 - 1;
  const double correlated =
      n * ((1 - auc) / (2 - auc)) + n * (auc / (1 + auc)) + 1;  // N*(Q1-A^2) + N*(Q2-A^2), reduced
  return auc * (1 - auc) * correlated / (positives * others);
}

}  // namespace

DeLong delong(std::span<const double> scores, std::span<const int> labels, int positive) {
  const auto parts = components(scores, labels, positive);
  return {parts.auc, variance_of_mean(parts.positives) + variance_of_mean(parts.others)};
}

PairedDeLong paired_delong(std::span<const double> scores_a, std::span<const double> scores_b,
                           std::span<const int> labels, int positive) {
  if (scores_a.size() != scores_b.size())
    throw ShapeError(fmt::format("paired_delong: {} scores against {}; it needs the same images",
                                 scores_a.size(), scores_b.size()));
  const auto a = components(scores_a, labels, positive);
  const auto b = components(scores_b, labels, positive);
  PairedDeLong result{a.auc, b.auc, a.auc - b.auc, 0, 1};
  result.standard_error = std::sqrt(variance_of_mean(minus(a.positives, b.positives)) +
                                    variance_of_mean(minus(a.others, b.others)));
  if (result.standard_error > 0)
    result.p = 2 * normal_tail_below(-std::abs(result.difference) / result.standard_error);
  else if (result.difference != 0)
    result.p = 0;
  return result;
}

Interval auc_interval(std::span<const double> scores, std::span<const int> labels, int positive,
                      double level) {
  const auto [value, variance] = delong(scores, labels, positive);
  if (variance <= 0) {
    const auto positives = double(std::count(labels.begin(), labels.end(), positive));
    return newcombe_auc_interval(value, positives, double(labels.size()) - positives, level);
  }
  const double half = normal_quantile((1 + level) / 2) * std::sqrt(variance);
  return {std::max(0., value - half), std::min(1., value + half)};
}

Interval newcombe_auc_interval(double auc, double positives, double others, double level) {
  const double z = normal_quantile((1 + level) / 2);
  const auto inside = [&](double candidate) {
    const double gap = auc - candidate;
    return gap * gap <= z * z * hanley_mcneil(candidate, positives, others);
  };
  const auto edge = [&](double outer) {
    double in = auc, out = outer;
    if (inside(out)) return out;
    for (int step = 0; step < 200; ++step) (inside((in + out) / 2) ? in : out) = (in + out) / 2;
    return in;
  };
  return {edge(0), edge(1)};
}

}  // namespace ganymede::quality
