#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/delong.h>
#include <ganymede/models/quality/intervals.h>
#include <ganymede/models/quality/splitmix.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

using namespace ganymede::quality;

namespace {

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }

double normal(SplitMix64& random) { return normal_quantile(uniform(random) * .999998 + 1e-6); }

/// n images, half of them positive, each of them its own patient unless `per_patient` share one.
TestSamples make_samples(int n, int per_patient = 1) {
  TestSamples samples;
  for (int i = 0; i < n; ++i) {
    samples.labels.push_back(i < n / 2);
    samples.groups.push_back(i / per_patient);
  }
  return samples;
}

/// Scores whose signal is `shift`; images of a patient score alike.
Predictions make_predictions(const TestSamples& samples, double shift, std::uint64_t seed) {
  Predictions result;
  SplitMix64 random(seed);
  std::optional<int> last;
  double noise = 0;
  for (std::size_t i = 0; i < samples.labels.size(); ++i) {
    if (last != samples.groups[i]) noise = normal(random);
    last = samples.groups[i];
    result.scores.push_back(noise + shift * samples.labels[i]);
    result.predicted.push_back(result.scores.back() >= shift / 2);
  }
  return result;
}

}  // namespace

TEST_CASE("a metric under multiplicities equals the metric of the repeated images") {
  const auto samples = make_samples(20);
  const auto predictions = make_predictions(samples, 1, 3);
  TestSamples repeated;
  Predictions repeated_predictions;
  std::vector<int> counts;
  for (int i = 0; i < 20; ++i) {
    counts.push_back(i % 3);
    for (int k = 0; k < i % 3; ++k) {
      repeated.labels.push_back(samples.labels[i]);
      repeated_predictions.scores.push_back(predictions.scores[i]);
      repeated_predictions.predicted.push_back(predictions.predicted[i]);
    }
  }
  for (const auto metric : reported_metrics(2)) {
    INFO(to_string(metric));
    CHECK(MetricEvaluator(metric, samples, predictions)(counts) ==
          Approx(evaluate(metric, repeated, repeated_predictions)));
    CHECK(metric_from_string(to_string(metric)) == metric);
  }
}

TEST_CASE("folds are measured one by one") {
  TestSamples samples{{1, 0, 1, 0}, {}, {0, 0, 1, 1}, 2, 1};
  // Each fold ranks its pair rightly; pooled, the second fold's scale would spoil it.
  const Predictions predictions{{.4, .3, .9, .8}, {1, 0, 1, 0}};
  CHECK(evaluate(Metric::auc, samples, predictions) == 1);
  samples.folds.clear();
  CHECK(evaluate(Metric::auc, samples, predictions) == Approx(.75));
}

TEST_CASE("the bootstrap's standard error is near DeLong's, one arm and a difference") {
  const auto samples = make_samples(300);
  const auto arm = make_predictions(samples, 1.2, 5), base = make_predictions(samples, .7, 6);
  const auto one = bootstrap_metric(Metric::auc, samples, std::span(&arm, 1));
  const auto single = delong(arm.scores, samples.labels, 1);
  CHECK(one.estimate == Approx(single.auc));
  CHECK(one.standard_error == Approx(std::sqrt(single.variance)).epsilon(.04));
  CHECK(one.interval.low < one.estimate);
  CHECK(one.interval.high > one.estimate);

  const auto both =
      bootstrap_difference(Metric::auc, samples, std::span(&arm, 1), std::span(&base, 1));
  const auto pair = paired_delong(arm.scores, base.scores, samples.labels, 1);
  CHECK(both.estimate == Approx(pair.difference));
  CHECK(both.standard_error == Approx(pair.standard_error).epsilon(.04));
  CHECK(both.p == Approx(pair.p).margin(.01));
  CHECK(both.smallest_detectable == Approx(2.8016 * both.standard_error).epsilon(.001));
}

TEST_CASE("images of one patient are not independent") {
  const auto alone = make_samples(240), grouped = make_samples(240, 6);
  const auto scores = make_predictions(grouped, 1, 7);
  const auto naive = bootstrap_metric(Metric::auc, alone, std::span(&scores, 1));
  const auto clustered = bootstrap_metric(Metric::auc, grouped, std::span(&scores, 1));
  CHECK(clustered.standard_error > 1.8 * naive.standard_error);  // sqrt(6) = 2.4 in theory
}

TEST_CASE("a patient with several labels is drawn among those of the rarest") {
  // All images of ten and ten patients are ranked rightly but those of one patient who has both
  // labels: alone in a stratum he would be in each replicate once, and none would differ.
  TestSamples samples;
  Predictions predictions;
  const auto add = [&](int patient, int label, double score) {
    samples.labels.push_back(label);
    samples.groups.push_back(patient);
    predictions.scores.push_back(score);
  };
  for (int patient = 0; patient < 20; ++patient) add(patient, patient % 2, patient % 2);
  add(20, 0, 2);
  add(20, 1, -1);
  const auto result = bootstrap_metric(Metric::auc, samples, std::span(&predictions, 1));
  CHECK(result.standard_error > .05);
  CHECK(result.interval.high == 1);
}

TEST_CASE("the interval covers no difference about as often as it says") {
  int missed = 0;
  const int studies = 200;
  for (int study = 0; study < studies; ++study) {
    const auto samples = make_samples(60);
    std::vector<Predictions> arm, base;
    for (int s = 0; s < 3; ++s) {
      arm.push_back(make_predictions(samples, 1, 1000 + study * 10 + s));
      base.push_back(make_predictions(samples, 1, 500000 + study * 10 + s));
    }
    BootstrapOptions options;
    options.replicates = 400;
    const auto result = bootstrap_difference(Metric::auc, samples, arm, base, options);
    missed += result.interval.low > 0 || result.interval.high < 0;
  }
  CHECK(missed <= 20);  // 5 % is 10; crossing patients and seeds errs on the wide side
}

TEST_CASE("the same seed gives the same interval, another seed another one") {
  const auto samples = make_samples(40);
  const std::vector<Predictions> seeds{make_predictions(samples, 1, 1),
                                       make_predictions(samples, 1, 2)};
  BootstrapOptions options;
  options.replicates = 500;
  const auto first = bootstrap_metric(Metric::auc, samples, seeds, options);
  const auto again = bootstrap_metric(Metric::auc, samples, seeds, options);
  options.seed = 1;
  const auto other = bootstrap_metric(Metric::auc, samples, seeds, options);
  CHECK(first.interval.low == again.interval.low);
  CHECK(first.standard_error == again.standard_error);
  CHECK(first.standard_error != other.standard_error);
  CHECK(first.per_seed.size() == 2);
  CHECK(first.sd == Approx(std::abs(first.per_seed[0] - first.per_seed[1]) / std::sqrt(2.)));
}

TEST_CASE("a perfect arm has an interval, two perfect arms no detectable effect") {
  const auto samples = make_samples(22);
  const auto perfect = make_predictions(samples, 100, 1);
  const std::vector<Predictions> seeds{perfect, perfect};
  const auto arm = bootstrap_metric(Metric::auc, samples, seeds);
  CHECK(arm.estimate == 1);
  CHECK(arm.interval.low == Approx(0.8172788814482876));
  CHECK(bootstrap_metric(Metric::sensitivity, samples, seeds).interval.low ==
        Approx(0.7411670330319684));
  const auto none = bootstrap_difference(Metric::auc, samples, seeds, seeds);
  CHECK(none.estimate == 0);
  CHECK(none.p == 1);
  CHECK(std::isnan(none.smallest_detectable));
}

TEST_CASE("what cannot be resampled is an error") {
  auto samples = make_samples(8);
  const auto predictions = make_predictions(samples, 1, 1);
  const std::vector<Predictions> one{predictions}, two{predictions, predictions};
  CHECK_THROWS_AS(bootstrap_difference(Metric::auc, samples, one, two), ganymede::ShapeError);
  CHECK_THROWS_AS(bootstrap_metric(Metric::auc, samples, {}), ganymede::DataError);
  samples.groups = {0, 0, 0, 0, 1, 1, 1, 1};
  samples.folds = {0, 0, 1, 1, 0, 0, 1, 1};
  CHECK_THROWS_AS(bootstrap_metric(Metric::auc, samples, one), ganymede::DataError);
  samples.folds = {0, 0, 0, 0, 1, 1, 1, 1};  // one class each
  CHECK_THROWS_AS(evaluate(Metric::auc, samples, predictions), ganymede::DataError);
  CHECK_THROWS_AS(metric_from_string("acuracy"), ganymede::SettingError);
}
