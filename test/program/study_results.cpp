// What a study makes of its classifiers' answers, beyond models/quality.

#include <catch2/catch.hpp>

#include <ganymede/models/quality/splitmix.h>

#include <ganymede/tools/study/results.h>

using namespace ganymede;

namespace {

double area_under(const std::vector<quality::RocPoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
            (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  return area;
}

/// Two seeds over two folds of 15 images each.
study::TestResults results_of(int classes) {
  study::TestResults test;
  test.truth.classes = classes;
  for (int i = 0; i < 30; ++i) {
    test.truth.labels.push_back(i % classes);
    test.truth.folds.push_back(i / 15);
  }
  quality::SplitMix64 random(5);
  study::ArmResults arm{.arm = "none", .network = "resnet18", .classifiers = {}, .seeds = {}};
  arm.seeds.resize(2);
  for (quality::Predictions& seed : arm.seeds)
    for (int i = 0; i < 30 * (classes == 2 ? 1 : classes); ++i)
      seed.scores.push_back(double(random.below(20)));
  test.arms.push_back(arm);
  return test;
}

/// Mean over the seeds.
double auc_of(const study::TestResults& test) {
  double sum = 0;
  for (const quality::Predictions& seed : test.arms[0].seeds)
    sum += quality::evaluate(quality::Metric::auc, test.truth, seed);
  return sum / double(test.arms[0].seeds.size());
}

}  // namespace

TEST_CASE("the area under the mean ROC curves is the reported AUC, macro for several classes") {
  const auto two = results_of(2);
  CHECK(area_under(mean_roc(two, two.arms[0], 1)) == Approx(auc_of(two)));
  const auto three = results_of(3);
  double sum = 0;
  for (int k = 0; k < 3; ++k) sum += area_under(mean_roc(three, three.arms[0], k));
  CHECK(sum / 3 == Approx(auc_of(three)));
}
