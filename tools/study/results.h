#pragma once

#include <string>
#include <vector>

#include <ganymede/models/quality/intervals.h>
#include <ganymede/models/quality/metric.h>
#include <ganymede/models/quality/ranking.h>

#include <ganymede/tools/study/classifier_unit.h>
#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// One arm with one network, over all seeds: what its classifiers say about the test part.
struct ArmResults {
  std::string arm, network;
  std::vector<ClassifierResult> classifiers;  ///< in the order of Context::units()
  std::vector<quality::Predictions> seeds;    ///< per repeat, the folds one after the other
};

/// The test part, read once, after everything has been chosen.
struct TestResults {
  std::vector<int> samples;  ///< of the data set, the folds one after the other
  quality::TestSamples truth;
  std::vector<ArmResults> arms;

  const ArmResults* find(const std::string& arm, const std::string& network) const;
};

TestResults test_arms(const Context& context, std::vector<ArmResults> trained);

/// ROC of one class against all others, as the mean over seeds and folds. With two classes only
/// that of the positive one exists.
std::vector<quality::RocPoint> mean_roc(const TestResults& test, const ArmResults& arm,
                                        int of_class);

}  // namespace ganymede::study
