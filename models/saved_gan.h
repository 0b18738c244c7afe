#pragma once

#include <memory>
#include <string>

#include <ganymede/models/gan_notes.h>

namespace ganymede {

/// Both networks of a trained GAN, to be searched in and sampled from. Moments, step counts and
/// random positions are fresh: GanTraining::resume goes on with a training.
struct SavedGan {
  std::unique_ptr<Gan> gan;  ///< options().ema is 0: the generator is what is sampled from
  SavedNotes notes;          ///< options with the recipe's ema
};

/// From a run folder's checkpoint.h5; the best or the averaged generator where there is one, as
/// load_generator. Throws FileError, or FormatError for a file that does not hold both networks of
/// a GAN trained here.
SavedGan load_gan(const std::string& path);

}  // namespace ganymede
