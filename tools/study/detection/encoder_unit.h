#pragma once

#include <string>

#include <ganymede/models/encoder_training.h>
#include <ganymede/models/recipe.h>
#include <ganymede/tools/run_folder.h>

namespace ganymede::study {

/// Trains until finished, from `file` of the run folder where it is there: shows progress, saves
/// every gan.checkpoint_minutes. Throws Interrupted, with the state saved, when somebody asked to
/// stop.
void run_encoder_training(EncoderTraining& training, const Recipe& recipe, const RunFolder& folder,
                          const std::string& file, const std::string& title);

}  // namespace ganymede::study
