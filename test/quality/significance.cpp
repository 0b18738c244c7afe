// References: scipy 1.17.1 (norm.ppf, binom.sf, betabinom.sf, binomtest().proportion_ci,
// mannwhitneyu asymptotic, brentq for Newcombe's interval); numpy 2.4.6 for DeLong written out as a
// double sum.
#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/significance.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace ganymede::quality;
using Doubles = std::vector<double>;
using Labels = std::vector<int>;

TEST_CASE("normal quantiles") {
  CHECK(normal_quantile(.975) == Approx(1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(.8) == Approx(0.8416212335729143).epsilon(1e-12));
  CHECK(normal_quantile(1e-6) == Approx(-4.753424308822899).epsilon(1e-9));
  CHECK(normal_quantile(.5) == Approx(0).margin(1e-15));
  for (const double p : {1e-300, 1e-100, 1e-12, 1e-4, .02, .3, .49999, .5})
    CHECK(normal_tail_below(normal_quantile(p)) == Approx(p).epsilon(1e-12));
  for (const double p : {.0625, .25, .375}) CHECK(normal_quantile(1 - p) == -normal_quantile(p));
  CHECK_THROWS_AS(normal_quantile(1), ganymede::UsageError);
}

TEST_CASE("Holm's adjustment by hand") {
  const auto p = holm_adjust(Doubles{.01, .04, .03});
  CHECK(p[0] == Approx(.03));
  CHECK(p[1] == Approx(.06));  // not below the one before it, .03 * 2
  CHECK(p[2] == Approx(.06));
  CHECK(holm_adjust(Doubles{.7, .9})[0] == 1);
}

TEST_CASE("exact binomial tail") {
  CHECK(binomial_tail(5, 100, .01) == Approx(0.0034323215877545207));
  CHECK(binomial_tail(3, 10, .25) == Approx(0.4744071960449219));
  CHECK(binomial_tail(0, 10, .25) == 1);
  CHECK(binomial_tail(11, 10, .25) == 0);
}

TEST_CASE("a percentile read off few reals makes the tail heavier than the binomial says") {
  CHECK(below_order_statistic_tail(1, 100, 1, 100) == Approx(.5));
  CHECK(below_order_statistic_tail(3, 100, 1, 100) == Approx(0.12311557788941863));
  CHECK(below_order_statistic_tail(7, 100, 1, 100) == Approx(0.007008882758145152));
  CHECK(below_order_statistic_tail(5, 200, 3, 300) == Approx(0.09469963757413136));
  CHECK(below_order_statistic_tail(3, 100, 1, 100) > binomial_tail(3, 100, 1. / 101));
}

TEST_CASE("Wilson's interval") {
  CHECK(wilson_interval(0, 11).low == Approx(0).margin(1e-12));
  CHECK(wilson_interval(0, 11).high == Approx(0.2588329669680317));
  CHECK(wilson_interval(11, 11).low == Approx(0.7411670330319684));
  CHECK(wilson_interval(7, 20).low == Approx(0.1811918241010821));
  CHECK(wilson_interval(7, 20).high == Approx(0.5671457233147637));
}

TEST_CASE("smallest detectable effect") {
  CHECK(smallest_detectable_effect(.1) == Approx(0.2801585218112969));
  CHECK(std::isnan(smallest_detectable_effect(0)));
}

TEST_CASE("rank-sum test with ties") {
  const auto test =
      rank_sum_smaller(Doubles{1.1, 2.2, 2.2, 3.5, .4}, Doubles{2.2, 3.9, 4.1, 5., 2.9, 3.5});
  CHECK(test.p == Approx(0.016840222909646634));
  CHECK(rank_sum_smaller(Doubles{1, 1}, Doubles{1, 1}).p == 1);
}

TEST_CASE("DeLong's variance, and two classifiers on the same images") {
  const Labels labels{0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0};
  const Doubles a{.1, .4, .35, .8, .4, .65, .9, .2, .4, .55, .7, .05};
  const Doubles b{.3, .2, .5, .6, .45, .4, .95, .25, .1, .35, .85, .15};
  const auto one = delong(a, labels, 1);
  CHECK(one.auc == Approx(0.8611111111111112));
  CHECK(one.variance == Approx(0.012191358024691356));
  CHECK(auc_interval(a, labels, 1).low == Approx(0.6447027013387765));
  CHECK(auc_interval(a, labels, 1).high == 1);
  const auto pair = paired_delong(a, b, labels, 1);
  CHECK(pair.difference == Approx(0.05555555555555558));
  CHECK(pair.standard_error == Approx(0.16433554953054488));
  CHECK(pair.p == Approx(0.7353166906373405));
  CHECK(paired_delong(a, a, labels, 1).p == 1);
}

TEST_CASE("perfect separation still has an interval") {
  CHECK(newcombe_auc_interval(.85, 11, 11).low == Approx(0.6105766813354885));
  CHECK(newcombe_auc_interval(.85, 11, 11).high == Approx(0.9489045808856124));
  CHECK(newcombe_auc_interval(.8, 30, 60).low == Approx(0.6834008172024829));
  Doubles scores;
  Labels labels;
  for (int i = 0; i < 22; ++i) {
    labels.push_back(i % 2);
    scores.push_back(i % 2 + .01 * i);
  }
  const auto interval = auc_interval(scores, labels, 1);
  CHECK(interval.low == Approx(0.8172788814482876));
  CHECK(interval.high == 1);
}
