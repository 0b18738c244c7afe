#pragma once
// From a recipe's keys to what the models take. The recipe has checked each key by itself; all of
// these throw SettingError for a whole number that is no int. Whether settings go together is
// checked where they are used: require_valid of gan.h, latent_search.h and latent_encoder.h.

#include <ganymede/data/copies.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/gan_schedule.h>
#include <ganymede/models/latent_encoder.h>
#include <ganymede/models/latent_search.h>
#include <ganymede/models/recipe.h>

namespace ganymede {

/// `channels` come from the data; above 0, `classes` makes the networks conditional.
GanOptions gan_options(const Recipe& recipe, int channels, int classes = 0);
GanSchedule gan_schedule(const Recipe& recipe);
/// AnoGAN of [detect], and the search for images in it.
GanOptions detector_options(const Recipe& recipe, int channels);
GanSchedule detector_schedule(const Recipe& recipe);
LatentSearchOptions search_options(const Recipe& recipe);
/// The search for images that augment.
LatentSearchOptions augmentation_search_options(const Recipe& recipe);
/// The encoder that answers instead of that search, where detect.search = "encoder".
LatentEncoderOptions encoder_options(const Recipe& recipe, int channels);
/// Without the classic augmentation: an arm adds it.
ClassifierOptions classifier_options(const Recipe& recipe);
ClassicOptions classic_options(const Recipe& recipe, float strength);
/// Of classic.mode = copies. Throws SettingError where copy_colour is not two ascending factors.
CopyOptions copy_options(const Recipe& recipe);
/// The network named in classifier.networks ("resnet50"), with fresh weights. Throws SettingError
/// for a name or a depth that is none, or settings that the network cannot have.
std::unique_ptr<Classifier> make_classifier(const Recipe& recipe, const std::string& network,
                                            int channels, int classes, const Rng& rng);

}  // namespace ganymede
