#pragma once

#include <ganymede/tools/report/run_json.h>

#include <cstddef>
#include <string>
#include <vector>

namespace ganymede::report {

/// One detector of run.json's `detection`: an arm of a study, AnoGAN alone, or the baseline PCA,
/// whose scores have a scale of their own.
struct Detector {
  std::string name;
  const Json* record = nullptr;  ///< lives as long as the run it was taken from
  bool baseline = false;
  int color = 0;  ///< k of the CSS class "ck", the same in every plot
};

/// In the order none, anogan, gan, classic, oversample, others, the baseline last: the order of the
/// file is that of the alphabet.
std::vector<Detector> detectors_of(const Json& detection);

/// Without the baseline.
std::vector<Detector> arms_of_detectors(const Json& detection);

/// How often each arm was trained, by the AUCs of its seeds; 0 where they are not told.
std::size_t trainings_of(const Json& detection);

/// Every class that has a mean score, the learnt one first.
std::vector<std::string> scored_classes(const Json& detection);

/// The class that is to be found, where there is one, else "another class".
std::string sought_in_words(const Json& detection);

/// A plot of the page that is written beside it too, as a picture that says alone what it shows.
struct AnomalyPlot {
  std::string file;  ///< "pictures/roc-arms.svg"
  std::string svg;
};

/// AUC with interval (auc-arms), ROC (roc-arms) and mean score of each class (mean-scores). The
/// first and the last compare arms and need two of them; what has no numbers is left out.
std::vector<AnomalyPlot> interval_plots(const Json& detection);
std::vector<AnomalyPlot> roc_plots(const Json& detection);
std::vector<AnomalyPlot> mean_plots(const Json& detection);

/// scores-ARM: the learnt class against the others. All arms have the same axes, PCA its own.
std::vector<AnomalyPlot> score_plots(const Json& detection);

/// roc-turned: generated against real images.
std::vector<AnomalyPlot> turned_plots(const Json& detection);

/// All of them.
std::vector<AnomalyPlot> anomaly_pictures(const Json& run);

/// The parts of the section, each null where run.json has nothing of it.
Json arms_table(const Json& run);
Json comparisons_table(const Json& run);
Json turned_table(const Json& detection);
Json augmentation_table(const Json& detection);

}  // namespace ganymede::report
