#pragma once
// What detectors made of the test part, as run.json tells it.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/quality/intervals.h>
#include <ganymede/models/recipe.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// Images that detectors are asked about. Those of other classes than the learnt one are the
/// positives, and a higher score is to mean them.
struct Tested {
  int learnt = 0;
  std::vector<int> samples;
  quality::TestSamples truth;  ///< label 1: of another class

  /// Whether each patient has one image, so that DeLong's variance holds.
  bool one_image_each() const;
};

/// The test part.
Tested tested_images(const Prepared& data, const Recipe& recipe);

/// One detector's scores of them, an entry a seed.
struct DetectorScores {
  std::string name;
  std::vector<quality::Predictions> seeds;

  std::vector<double> mean() const;  ///< over the seeds, of each image
};

/// Area under the ROC curve with its interval over patients (and seeds); a value below .5 stays
/// below .5.
quality::BootstrapResult auc_of(const Tested& tested, const DetectorScores& scores,
                                const Recipe& recipe);
nlohmann::ordered_json auc_record(const quality::BootstrapResult& auc);
/// Mean over the seeds, as points.
nlohmann::ordered_json roc_record(const std::vector<int>& labels, const DetectorScores& scores);

/// AUC, mean score of each class and their gap, the scores by class, the ROC curve; DeLong's
/// interval where there is one image a patient.
nlohmann::ordered_json detector_record(const Prepared& data, const Recipe& recipe,
                                       const Tested& tested, const DetectorScores& scores);

/// The difference of two detectors' AUCs, paired by patients and seeds; DeLong's p where there is
/// one image a patient.
nlohmann::ordered_json comparison_record(const Tested& tested, const DetectorScores& arm,
                                         const DetectorScores& baseline, const Recipe& recipe);

quality::BootstrapOptions detection_bootstrap(const Recipe& recipe);

}  // namespace ganymede::study
