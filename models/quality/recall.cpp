#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/recall.h>

#include <cmath>
#include <utility>

namespace ganymede::quality {

namespace {

SeedSummary summary_of(std::vector<double> per_seed) {
  SeedSummary result;
  for (const double value : per_seed) result.mean += value / double(per_seed.size());
  double squares = 0;
  for (const double value : per_seed) squares += (value - result.mean) * (value - result.mean);
  if (per_seed.size() > 1) result.sd = std::sqrt(squares / double(per_seed.size() - 1));
  result.per_seed = std::move(per_seed);
  return result;
}

}  // namespace

std::vector<SeedSummary> class_recalls(const TestSamples& samples,
                                       std::span<const Predictions> seeds) {
  if (seeds.empty()) throw DataError("class_recalls: there is no seed to measure");
  std::vector<std::vector<double>> per_seed(std::size_t(samples.classes));
  for (const auto& seed : seeds) {
    const auto confusion = confusion_matrix(samples.labels, seed.predicted, samples.classes);
    for (int c = 0; c < samples.classes; ++c)
      per_seed[std::size_t(c)].push_back(sensitivity(confusion, c));
  }
  std::vector<SeedSummary> result;
  for (auto& values : per_seed) result.push_back(summary_of(std::move(values)));
  return result;
}

}  // namespace ganymede::quality
