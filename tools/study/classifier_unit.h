#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ganymede/models/classifier_training.h>
#include <ganymede/models/quality/metric.h>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// A trained classifier of one arm, network and unit, as it is kept in the run folder.
struct ClassifierResult {
  std::string file;           ///< weights, in the run folder
  int trials = 0, trial = 0;  ///< how many were trained, and which was chosen on validation
  double strength = 0;        ///< of the classic augmentation, 0 without
  double threshold = 0.5;     ///< chosen on validation (two classes)
  double validation_metric = 0;
  int steps = 0, best_step = 0;
  int training_images = 0;
  std::vector<Evaluation> history;
};

/// Throws FormatError where classifier.weights are not of each of classifier.networks, before hours
/// of GAN training: what train_arm would say.
void require_weights(const Context& context);

/// Trains the arm's trials, keeps the best by validation; or reads the result where it is there
/// already. Each arm has as many trials as classic.strengths has entries: an arm with classic
/// augmentation tries the strengths, another one as many fresh starts.
ClassifierResult train_arm(const Context& context, const Unit& unit, const Arm& arm,
                           const std::string& network, const std::vector<Synthesis>& fakes);

/// What it says about samples of the data: scores and decisions by the validation threshold.
quality::Predictions predict_samples(const Context& context, Classifier& classifier,
                                     const ClassifierResult& result,
                                     const std::vector<int>& samples);

/// The same about images that are no samples.
quality::Predictions predict_images(const Context& context, Classifier& classifier,
                                    const ClassifierResult& result,
                                    const std::vector<Image>& images);

/// Labels, groups and fold of samples, as the measures take them.
quality::TestSamples test_samples(const Context& context, const std::vector<int>& samples);

}  // namespace ganymede::study
