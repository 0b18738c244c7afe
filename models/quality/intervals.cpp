#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/intervals.h>
#include <ganymede/models/quality/splitmix.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

using Patient = std::vector<int>;      // the test images of one patient
using Stratum = std::vector<Patient>;  // patients that are drawn for one another
using Statistic = std::function<double(int seed, std::span<const int> counts)>;

std::vector<Patient> patients_of(const TestSamples& samples) {
  std::map<int, Patient> by_group;
  std::vector<Patient> patients;
  for (std::size_t i = 0; i < samples.labels.size(); ++i) {
    if (samples.groups.empty())
      patients.push_back({int(i)});
    else
      by_group[samples.groups[i]].push_back(int(i));
  }
  for (auto& [group, images] : by_group) patients.push_back(std::move(images));
  return patients;
}

/// In how many patients each label is.
std::map<int, int> patients_with_label(const std::vector<Patient>& patients,
                                       const TestSamples& samples) {
  std::map<int, int> count;
  for (const auto& patient : patients) {
    std::set<int> labels;
    for (const int image : patient) labels.insert(samples.labels[image]);
    for (const int label : labels) ++count[label];
  }
  return count;
}

/// By fold and label; a patient with several labels counts as one of the rarest, so that no label
/// is missing from a replicate and no stratum is smaller than it has to be.
std::vector<Stratum> strata_of(const TestSamples& samples) {
  std::map<std::pair<int, int>, Stratum> strata;
  auto patients = patients_of(samples);
  const auto with_label = patients_with_label(patients, samples);
  for (auto& patient : patients) {
    std::set<int> folds;
    int rarest = samples.labels[patient.front()];
    for (const int image : patient) {
      const int label = samples.labels[image];
      if (std::pair(with_label.at(label), label) < std::pair(with_label.at(rarest), rarest))
        rarest = label;
      folds.insert(samples.folds.empty() ? 0 : samples.folds[image]);
    }
    if (folds.size() > 1)
      throw DataError(fmt::format("patient {} is in {} test folds; a patient belongs to one",
                                  samples.groups[patient.front()], folds.size()));
    strata[{*folds.begin(), rarest}].push_back(std::move(patient));
  }
  std::vector<Stratum> result;
  for (auto& [key, stratum] : strata) result.push_back(std::move(stratum));
  return result;
}

double replicate(std::span<const Stratum> strata, std::size_t images, int seeds,
                 const Statistic& statistic, SplitMix64 random) {
  std::vector<int> counts(images);
  for (const auto& stratum : strata)
    for (std::size_t draw = 0; draw < stratum.size(); ++draw)
      for (const int image : stratum[random.below(std::uint32_t(stratum.size()))]) ++counts[image];
  std::vector<int> drawn(seeds);
  for (int s = 0; s < seeds; ++s) ++drawn[random.below(std::uint32_t(seeds))];
  double sum = 0;
  for (int s = 0; s < seeds; ++s)
    if (drawn[s] > 0) sum += drawn[s] * statistic(s, counts);
  return sum / seeds;
}

std::vector<double> sorted_replicates(const TestSamples& samples, int seeds,
                                      const Statistic& statistic, const BootstrapOptions& options) {
  const auto strata = strata_of(samples);
  std::vector<double> values(options.replicates);
#pragma omp parallel for schedule(static)
  for (int r = 0; r < options.replicates; ++r)
    values[r] = replicate(strata, samples.labels.size(), seeds, statistic,
                          SplitMix64(options.seed, std::uint64_t(r)));
  // A metric may be undefined in a replicate (kappa with one class predicted): it says nothing.
  std::erase_if(values, [](double value) { return std::isnan(value); });
  std::sort(values.begin(), values.end());
  return values;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.) / double(values.size());
}

double sd_of(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / double(values.size() - 1));
}

/// Twice the smaller share of replicates on one side of 0, 0 itself counted on both.
double two_sided_p(std::span<const double> sorted) {
  const auto below = std::upper_bound(sorted.begin(), sorted.end(), 0.) - sorted.begin();
  const auto above = sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), 0.);
  return std::min(1., 2. * double(1 + std::min(below, above)) / double(sorted.size() + 1));
}

BootstrapResult bootstrap(const TestSamples& samples, int seeds, const Statistic& statistic,
                          const BootstrapOptions& options) {
  if (seeds == 0) throw DataError("bootstrap: there is no seed to resample");
  BootstrapResult result;
  const std::vector<int> once(samples.labels.size(), 1);
  for (int s = 0; s < seeds; ++s) result.per_seed.push_back(statistic(s, once));
  result.estimate = mean_of(result.per_seed);
  result.sd = sd_of(result.per_seed);
  const auto values = sorted_replicates(samples, seeds, statistic, options);
  const double tail = (1 - options.level) / 2;
  result.interval = {quantile_of_sorted(values, tail), quantile_of_sorted(values, 1 - tail)};
  const bool constant = values.empty() || values.front() == values.back();
  result.standard_error = constant ? 0 : sd_of(values);
  result.p = values.empty() ? 1 : two_sided_p(values);
  result.smallest_detectable = smallest_detectable_effect(result.standard_error, 1 - options.level);
  result.replicates = int(values.size());
  return result;
}

std::vector<MetricEvaluator> evaluators(Metric metric, const TestSamples& samples,
                                        std::span<const Predictions> seeds) {
  std::vector<MetricEvaluator> result;
  for (const auto& predictions : seeds) result.emplace_back(metric, samples, predictions);
  return result;
}

/// What the number of patients alone allows to say where the bootstrap sees no variation.
Interval interval_of_constant(Metric metric, const TestSamples& samples, double value,
                              double level) {
  double positives = 0, others = 0;
  for (const auto& patient : patients_of(samples)) {
    const bool positive = std::any_of(patient.begin(), patient.end(), [&](int image) {
      return samples.labels[image] == samples.positive;
    });
    ++(positive ? positives : others);
  }
  const auto share = [&](double n) { return wilson_interval(value * n, n, level); };
  switch (metric) {
    case Metric::auc:
      return newcombe_auc_interval(value, positives, others, level);
    case Metric::accuracy:
    case Metric::balanced_accuracy:
      return share(positives + others);
    case Metric::sensitivity:
      return share(positives);
    case Metric::specificity:
      return share(others);
    default:
      return {value, value};
  }
}

}  // namespace

BootstrapResult bootstrap_metric(Metric metric, const TestSamples& samples,
                                 std::span<const Predictions> seeds,
                                 const BootstrapOptions& options) {
  const auto measure = evaluators(metric, samples, seeds);
  auto result = bootstrap(
      samples, int(seeds.size()),
      [&](int s, std::span<const int> counts) { return measure[s](counts); }, options);
  result.p = 1;
  if (result.standard_error == 0)
    result.interval = interval_of_constant(metric, samples, result.estimate, options.level);
  return result;
}

BootstrapResult bootstrap_difference(Metric metric, const TestSamples& samples,
                                     std::span<const Predictions> arm,
                                     std::span<const Predictions> baseline,
                                     const BootstrapOptions& options) {
  if (arm.size() != baseline.size())
    throw ShapeError(fmt::format("bootstrap_difference: {} seeds against {}; seeds are paired",
                                 arm.size(), baseline.size()));
  const auto ours = evaluators(metric, samples, arm);
  const auto theirs = evaluators(metric, samples, baseline);
  return bootstrap(
      samples, int(arm.size()),
      [&](int s, std::span<const int> counts) { return ours[s](counts) - theirs[s](counts); },
      options);
}

}  // namespace ganymede::quality
