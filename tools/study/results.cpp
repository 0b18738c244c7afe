#include <ganymede/tools/study/results.h>

#include <algorithm>

#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/saved_classifier.h>

namespace ganymede::study {

const ArmResults* TestResults::find(const std::string& arm, const std::string& network) const {
  const auto it = std::ranges::find_if(
      arms, [&](const ArmResults& r) { return r.arm == arm && r.network == network; });
  return it == arms.end() ? nullptr : &*it;
}

TestResults test_arms(const Context& c, std::vector<ArmResults> trained) {
  TestResults test;
  for (int fold = 0; fold < c.folds; ++fold)
    for (int i : c.data.samples(fold, Part::test)) test.samples.push_back(i);
  test.truth = test_samples(c, test.samples);
  test.arms = std::move(trained);
  const std::vector<Unit> units = c.units();
  for (ArmResults& arm : test.arms) {
    arm.seeds.resize(std::size_t(c.seeds));
    for (std::size_t u = 0; u < units.size(); ++u) {
      const auto classifier = load_classifier(c.folder->file(arm.classifiers[u].file)).network;
      const quality::Predictions p = predict_samples(c, *classifier, arm.classifiers[u],
                                                     c.data.samples(units[u].fold, Part::test));
      quality::Predictions& all = arm.seeds[std::size_t(units[u].repeat)];
      all.scores.insert(all.scores.end(), p.scores.begin(), p.scores.end());
      all.predicted.insert(all.predicted.end(), p.predicted.begin(), p.predicted.end());
    }
  }
  return test;
}

std::vector<quality::RocPoint> mean_roc(const TestResults& test, const ArmResults& arm,
                                        int of_class) {
  const std::vector<int>& folds = test.truth.folds;
  const int last = folds.empty() ? 0 : *std::ranges::max_element(folds);
  const bool several = test.truth.classes > 2;  // then each image has a score for every class
  const std::size_t columns = several ? std::size_t(test.truth.classes) : 1;
  const std::size_t column = several ? std::size_t(of_class) : 0;
  std::vector<std::vector<quality::RocPoint>> curves;
  for (const quality::Predictions& seed : arm.seeds)
    for (int fold = 0; fold <= last; ++fold) {
      std::vector<double> scores;
      std::vector<int> labels;
      for (std::size_t i = 0; i < test.truth.labels.size(); ++i) {
        if (!folds.empty() && folds[i] != fold) continue;
        scores.push_back(seed.scores[i * columns + column]);
        labels.push_back(test.truth.labels[i]);
      }
      curves.push_back(quality::roc_curve(scores, labels, of_class));
    }
  return quality::mean_roc(curves);
}

}  // namespace ganymede::study
