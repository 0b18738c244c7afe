#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ganymede::quality {

struct Interval {
  double low = 0;
  double high = 0;
};

/// z with P(Z <= z) = p for a standard normal Z. Throws UsageError unless 0 < p < 1.
double normal_quantile(double p);

/// P(Z <= z).
double normal_tail_below(double z);

/// Holm's step-down adjustment: compare the results with alpha directly. Order is kept.
std::vector<double> holm_adjust(std::span<const double> p_values);

/// Exact P(X >= successes), X ~ Binomial(trials, p).
double binomial_tail(std::int64_t successes, std::int64_t trials, double p);

/// Exact P(X >= successes) for the number X among `trials` new draws that fall below the k-th
/// smallest of `reference` draws of the same continuous distribution (negative hypergeometric).
/// Unlike the binomial it knows that a percentile read off a small reference is itself uncertain.
double below_order_statistic_tail(std::int64_t successes, std::int64_t trials, std::int64_t k,
                                  std::int64_t reference);

/// Wilson's score interval of a proportion; [0, 1] for no trials.
Interval wilson_interval(double successes, double trials, double level = .95);

/// The effect that a two-sided test at `alpha` finds with chance `power`, given the standard error
/// of the estimate: (z_{1-alpha/2} + z_power) SE. NaN where the standard error is 0: a study whose
/// resamples never differ cannot say what it would have seen.
double smallest_detectable_effect(double standard_error, double alpha = .05, double power = .8);

/// The q-quantile of ascending `sorted`, interpolated linearly between order statistics (type 7).
double quantile_of_sorted(std::span<const double> sorted, double q);

/// One-sided rank-sum test that `a` tends to be smaller than `b` (Mann-Whitney with midranks,
/// normal approximation with the tie correction).
struct RankSum {
  double z;  ///< negative where `a` is smaller
  double p;
};
RankSum rank_sum_smaller(std::span<const double> a, std::span<const double> b);

}  // namespace ganymede::quality
