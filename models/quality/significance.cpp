#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/quality/significance.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// Sum over groups of equal values of t^3 - t.
double tie_term(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (std::size_t begin = 0, end = 0; begin < values.size(); begin = end) {
    while (end < values.size() && values[end] == values[begin]) ++end;
    const double t = double(end - begin);
    sum += t * t * t - t;
  }
  return sum;
}

}  // namespace

double normal_tail_below(double z) { return std::erfc(-z / std::sqrt(2.)) / 2; }

double normal_quantile(double p) {
  if (!(p > 0 && p < 1))
    throw UsageError(fmt::format("normal_quantile: p = {} is outside (0, 1)", p));
  if (p > .5) return -normal_quantile(1 - p);
  // Abramowitz and Stegun 26.2.23, within 4.5e-4; each of Halley's steps cubes the error.
  const double t = std::sqrt(-2 * std::log(p));
  double z = (2.515517 + t * (.802853 + t * .010328)) /
                 (1 + t * (1.432788 + t * (.189269 + t * .001308))) -
             t;
  for (int step = 0; step < 2; ++step) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    const double newton = (normal_tail_below(z) - p) / density;
    z -= newton / (1 + z * newton / 2);
  }
  return z;
}

std::vector<double> holm_adjust(std::span<const double> p_values) {
  const auto order = sorted_order(p_values);
  std::vector<double> adjusted(p_values.size());
  double running = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    running = std::max(running, std::min(1., double(order.size() - i) * p_values[order[i]]));
    adjusted[order[i]] = running;
  }
  return adjusted;
}

double binomial_tail(std::int64_t successes, std::int64_t trials, double p) {
  if (successes <= 0) return 1;
  if (successes > trials || p <= 0) return 0;
  if (p >= 1) return 1;
  double sum = 0;
  for (std::int64_t k = trials; k >= successes; --k)  // from the small terms up
    sum += std::exp(log_choose(double(trials), double(k)) + double(k) * std::log(p) +
                    double(trials - k) * std::log1p(-p));
  return std::min(1., sum);
}

double below_order_statistic_tail(std::int64_t successes, std::int64_t trials, std::int64_t k,
                                  std::int64_t reference) {
  if (k < 1 || k > reference)
    throw UsageError(fmt::format("order statistic {} of {} draws does not exist", k, reference));
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  const double all = log_choose(double(trials + reference), double(trials));
  double sum = 0;
  for (std::int64_t x = trials; x >= successes; --x)
    sum += std::exp(log_choose(double(x + k - 1), double(x)) +
                    log_choose(double(trials - x + reference - k), double(trials - x)) - all);
  return std::min(1., sum);
}

Interval wilson_interval(double successes, double trials, double level) {
  if (trials <= 0) return {0, 1};
  const double z = normal_quantile((1 + level) / 2);
  const double share = successes / trials;
  const double centre = share + z * z / (2 * trials);
  const double half = z * std::sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials));
  const double scale = 1 + z * z / trials;
  return {std::max(0., (centre - half) / scale), std::min(1., (centre + half) / scale)};
}

double smallest_detectable_effect(double standard_error, double alpha, double power) {
  if (!(standard_error > 0)) return std::numeric_limits<double>::quiet_NaN();
  return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * standard_error;
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = q * double(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - double(below)) * (sorted[below + 1] - sorted[below]);
}

RankSum rank_sum_smaller(std::span<const double> a, std::span<const double> b) {
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const auto ranks = midranks(all);
  const double m = double(a.size()), n = double(b.size()), total = m + n;
  const double u = std::accumulate(ranks.begin(), ranks.begin() + std::ptrdiff_t(a.size()), 0.) -
                   m * (m + 1) / 2;
  const double variance =
      m * n / 12 * (total + 1 - tie_term(std::move(all)) / (total * (total - 1)));
  if (!(variance > 0)) return {0, 1};
  const double z = (u - m * n / 2) / std::sqrt(variance);
  return {z, normal_tail_below(z)};
}

}  // namespace ganymede::quality
