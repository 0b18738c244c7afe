#pragma once
// From a recipe's keys to what the models take.

#include <ganymede/models/classifier_training.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/recipe.h>

namespace ganymede {

/// `channels` and, where data.channels is 0, `size` come from the data.
GanOptions gan_options(const Recipe& recipe, int channels);
/// Without the classic augmentation: an arm adds it.
ClassifierOptions classifier_options(const Recipe& recipe);
ClassicOptions classic_options(const Recipe& recipe, float strength);
/// The network named in classifier.networks ("resnet50"), with fresh weights.
std::unique_ptr<Classifier> make_classifier(const Recipe& recipe, const std::string& network,
                                            int channels, int classes, const Rng& rng);

}  // namespace ganymede
