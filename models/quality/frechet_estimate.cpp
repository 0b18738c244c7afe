#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/frechet_estimate.h>
#include <ganymede/models/quality/resample_units.h>
#include <ganymede/models/quality/resampled_frechet.h>
#include <ganymede/models/quality/set_size.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr std::array inverse_shares{1.25, 1.5, 1.75, 2.};  // beside 1, which is all of it

/// Both sides, and the units drawn of each.
struct Sampling {
  ResampledFrechet sets;
  ResampleUnits a, b;

  double distance(std::span<const int> drawn_a, std::span<const int> drawn_b) const {
    return sets.distance(a.counts(drawn_a), b.counts(drawn_b));
  }
};

/// The k-th stretch of `length` in a ring.
std::vector<int> stretch(std::span<const int> ring, std::size_t length, std::size_t k) {
  std::vector<int> result;
  for (std::size_t i = 0; i < length; ++i) result.push_back(ring[(k * length + i) % ring.size()]);
  return result;
}

SizePoint point_at(const Sampling& sampling, double inverse_share, int draws, std::vector<int> a,
                   std::vector<int> b, SplitMix64& random) {
  shuffle(a, random);
  shuffle(b, random);
  const auto size_a = std::max<std::size_t>(2, std::size_t(double(a.size()) / inverse_share)),
             size_b = std::max<std::size_t>(2, std::size_t(double(b.size()) / inverse_share));
  std::vector<double> distances(static_cast<std::size_t>(draws));
#pragma omp parallel for schedule(dynamic)
  for (int k = 0; k < draws; ++k)
    distances[std::size_t(k)] =
        sampling.distance(stretch(a, size_a, std::size_t(k)), stretch(b, size_b, std::size_t(k)));
  const double sum = std::accumulate(distances.begin(), distances.end(), 0.);
  return {(double(a.size()) / double(size_a) + double(b.size()) / double(size_b)) / 2, sum / draws};
}

/// Where the least-squares line through the points meets 0.
double intercept(std::span<const SizePoint> points) {
  const double n = double(points.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& point : points) {
    x += point.inverse_share / n;
    y += point.distance / n;
  }
  for (const auto& point : points) {
    xx += (point.inverse_share - x) * (point.inverse_share - x);
    xy += (point.inverse_share - x) * (point.distance - y);
  }
  return y - x * xy / xx;
}

struct Resample {
  double distance = 0, extrapolated = 0;
};

Resample resample(const Sampling& sampling, SplitMix64 random) {
  const auto a = sampling.a.with_replacement(random), b = sampling.b.with_replacement(random);
  const SizePoint all{1, sampling.distance(a, b)};
  const std::array points{all, point_at(sampling, 2, 2, a, b, random)};
  return {all.distance, intercept(points)};
}

/// The spread of the values, laid around an estimate.
Interval laid_around(double estimate, std::vector<double> values, double level) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.) / double(values.size());
  std::sort(values.begin(), values.end());
  const double shift = estimate - mean;
  return {shift + quantile_of_sorted(values, (1 - level) / 2),
          shift + quantile_of_sorted(values, (1 + level) / 2)};
}

void add_intervals(FrechetEstimate& result, const Sampling& sampling,
                   const FrechetOptions& options) {
  std::vector<double> distances(static_cast<std::size_t>(options.replicates)),
      extrapolated(distances.size());
#pragma omp parallel for schedule(dynamic)
  for (int i = 0; i < options.replicates; ++i) {
    const Resample one = resample(sampling, SplitMix64(options.seed + 1, std::uint64_t(i)));
    distances[std::size_t(i)] = one.distance;
    extrapolated[std::size_t(i)] = one.extrapolated;
  }
  result.interval = laid_around(result.distance, std::move(distances), options.level);
  result.interval.low = std::max(0., result.interval.low);
  result.extrapolated_interval =
      laid_around(result.extrapolated, std::move(extrapolated), options.level);
}

void check(const FrechetOptions& options) {
  if (options.replicates < 2 || options.draws < 1)
    throw UsageError(
        fmt::format("frechet_estimate: {} replicates and {} draws; it wants at least 2 and 1",
                    options.replicates, options.draws));
}

}  // namespace

std::string FrechetEstimate::in_words() const {
  std::string words = fmt::format(
      "{:.4g} ({:.0f} % interval {:.4g} to {:.4g}; n = {} against {}, d = {}), {:.4g} ({:.4g} to "
      "{:.4g}) extrapolated to infinitely many images",
      distance, 100 * level, interval.low, interval.high, count_a, count_b, dims, extrapolated,
      extrapolated_interval.low, extrapolated_interval.high);
  if (fewer_than_dims())
    words +=
        fmt::format("; fewer images than dims: {:.3g} of it or more is finite-sample bias", bias);
  return words;
}

FrechetEstimate frechet_estimate(const Features& a, const Features& b,
                                 std::span<const int> groups_a, std::span<const int> groups_b,
                                 const FrechetOptions& options) {
  check(options);
  require_enough_for_distance(a.count, b.count);
  const Sampling sampling{{a, b}, {a.count, groups_a}, {b.count, groups_b}};
  FrechetEstimate result;
  result.distance = options.distance ? *options.distance : frechet_distance(a, b);
  result.count_a = a.count, result.count_b = b.count, result.dims = a.dims;
  result.replicates = options.replicates, result.level = options.level;
  result.sizes.push_back({1, result.distance});
  SplitMix64 random(options.seed, 0);
  for (const double inverse : inverse_shares)
    result.sizes.push_back(
        point_at(sampling, inverse, options.draws, sampling.a.all(), sampling.b.all(), random));
  result.extrapolated = intercept(result.sizes);
  result.bias = result.distance - result.extrapolated;
  add_intervals(result, sampling, options);
  return result;
}

}  // namespace ganymede::quality
